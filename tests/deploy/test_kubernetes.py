"""deploy/kubernetes, judged by the schemas of Kubernetes itself, and whether its parts fit together."""

import functools
import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from nexy.app import LAST_WORDS_SECONDS
from nexy.config import load
from tests.deploy.files import DEPLOY, PORTS, ROOT, SETTINGS, documents, env_file, judged, tool, walk

FOLDER = DEPLOY / "kubernetes"
OTHERS = {"kustomization.yaml", "prometheus-adapter.yaml", "servicemonitor.yaml"}  # not of Kubernetes itself
MANIFESTS = {
    f"{one['kind']}/{one['metadata']['name']}": one
    for file in sorted(FOLDER.glob("*.yaml"))
    if file.name not in OTHERS
    for one in documents(file)
}
BEHIND_SECONDS = 10  # what the cluster may take to say everywhere that a pod goes


@functools.cache
def built() -> dict[str, Any]:
    """What `kubectl apply -k` would send."""
    made = judged(tool("kubectl"), "kustomize", FOLDER)
    return {f"{one['kind']}/{one['metadata']['name']}": one for one in yaml.safe_load_all(made)}


def pods(manifests: dict[str, Any]) -> list[dict[str, Any]]:
    """The templates of all pods."""
    return [one["spec"]["template"] for one in manifests.values() if one["kind"] == "Deployment"]


def ports(template: dict[str, Any]) -> dict[str, int]:
    containers = template["spec"]["containers"]
    return {port["name"]: port["containerPort"] for one in containers for port in one["ports"]}


def chosen(selector: dict[str, str], manifests: dict[str, Any]) -> dict[str, Any]:
    """The only pod that a selector means."""
    (only,) = [one for one in pods(manifests) if selector.items() <= one["metadata"]["labels"].items()]
    return only


@pytest.mark.parametrize("name", MANIFESTS)
def test_each_manifest_is_what_kubernetes_expects(name: str) -> None:
    kubernetes_validate.validate(MANIFESTS[name], kubernetes_validate.latest_version(), strict=True)


def test_the_whole_is_what_kubernetes_expects() -> None:
    for manifest in built().values():
        kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)
    left_out = {name for name, one in MANIFESTS.items() if one["kind"] != "Secret"} - built().keys()
    assert not left_out
    assert {one["metadata"].get("namespace", "nexy") for one in built().values()} == {"nexy"}


def test_a_wrong_manifest_is_noticed() -> None:
    manifest = MANIFESTS["Deployment/nexy"]
    wrong = manifest | {"spec": manifest["spec"] | {"terminationGraceSeconds": 1}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, kubernetes_validate.latest_version(), strict=True)


def test_what_pods_need_is_there() -> None:
    """Each ConfigMap is made, and each Secret is in the example, with the files that are used of it."""
    names = {kind: set() for kind in ("ConfigMap", "Secret")}  # type: dict[str, set[str]]
    for mapping in walk(pods(built())):
        for kind, field, named in (
            ("ConfigMap", "configMapRef", "name"),
            ("ConfigMap", "configMap", "name"),
            ("Secret", "secretRef", "name"),
            ("Secret", "secret", "secretName"),
        ):
            if isinstance(inner := mapping.get(field), dict):
                names[kind].add(inner[named])
    assert {f"ConfigMap/{name}" for name in names["ConfigMap"]} <= built().keys()
    assert {f"Secret/{name}" for name in names["Secret"]} <= MANIFESTS.keys()
    assert not any(value for one in MANIFESTS.values() for value in one.get("stringData", {}).values())
    (made,) = [
        one for one in built().values() if set(one.get("data", {})) == {"envoy.yaml", "certificate.yaml"}
    ]
    assert made["data"]["envoy.yaml"] == (DEPLOY / "envoy/envoy.yaml").read_text()


def test_names_of_ports_and_labels_lead_somewhere() -> None:
    for manifest in MANIFESTS.values():
        spec = manifest.get("spec", {})
        match manifest["kind"]:
            case "Service":
                of_pod = ports(chosen(spec["selector"], MANIFESTS))
                for port in spec["ports"]:
                    assert of_pod[port["targetPort"]] == port["port"]
            case "PodDisruptionBudget":
                chosen(spec["selector"]["matchLabels"], MANIFESTS)
            case "HorizontalPodAutoscaler":
                assert f"Deployment/{spec['scaleTargetRef']['name']}" in MANIFESTS
                assert "replicas" not in MANIFESTS[f"Deployment/{spec['scaleTargetRef']['name']}"]["spec"]
            case "NetworkPolicy" if spec["podSelector"]:
                chosen(spec["podSelector"]["matchLabels"], MANIFESTS)
            case "Deployment":
                names = {one["httpGet"]["port"] for one in walk(spec) if "httpGet" in one}
                assert names <= ports(spec["template"]).keys()
    (monitor,) = documents(FOLDER / "servicemonitor.yaml")
    monitored = monitor["spec"]["selector"]["matchLabels"]
    labels = [one["metadata"].get("labels", {}) for one in MANIFESTS.values() if one["kind"] == "Service"]
    assert sum(monitored.items() <= one.items() for one in labels) == 1


def test_envoy_may_reach_what_it_asks_for() -> None:
    let_in = MANIFESTS["NetworkPolicy/nexy"]["spec"]["ingress"]
    let_out = MANIFESTS["NetworkPolicy/nexy-envoy"]["spec"]["egress"]
    of_nodes = set(ports(MANIFESTS["Deployment/nexy"]["spec"]["template"]).values())
    assert {port["port"] for port in let_in[0]["ports"]} == of_nodes
    assert {port["port"] for port in let_out[0]["ports"]} == of_nodes
    assert [port["port"] for port in let_in[1]["ports"]] == [PORTS["HTTP_PORT"]]


def test_ports_are_those_of_the_contract() -> None:
    assert set(ports(MANIFESTS["Deployment/nexy"]["spec"]["template"]).values()) == set(PORTS.values())
    listening = {port["targetPort"] for port in MANIFESTS["Service/nexy-clients"]["spec"]["ports"]}
    assert listening <= ports(MANIFESTS["Deployment/nexy-envoy"]["spec"]["template"]).keys()


def test_pods_may_do_little() -> None:
    """What Pod Security calls "restricted", and nothing written but in their own folders."""
    for template in pods(MANIFESTS):
        spec = template["spec"]
        assert spec["securityContext"]["runAsNonRoot"]
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not spec["automountServiceAccountToken"]
        for container in [*spec["containers"], *spec.get("initContainers", [])]:
            allowed = container["securityContext"]
            assert allowed["allowPrivilegeEscalation"] is False
            assert allowed["readOnlyRootFilesystem"] is True
            assert allowed["capabilities"] == {"drop": ["ALL"]}
            assert {"requests", "limits"} <= container["resources"].keys()


def test_a_pod_that_goes_has_the_time_it_needs() -> None:
    spec = MANIFESTS["Deployment/nexy"]["spec"]["template"]["spec"]
    (node,) = spec["containers"]
    _, waits = node["lifecycle"]["preStop"]["exec"]["command"]
    drain = float(env_file(FOLDER / "nexy.env")["DRAIN_SECONDS"])
    assert drain == SETTINGS["DRAIN_SECONDS"]
    assert int(waits) > BEHIND_SECONDS
    assert spec["terminationGracePeriodSeconds"] > int(waits) + drain + LAST_WORDS_SECONDS + 10
    assert node["livenessProbe"]["httpGet"]["path"] == node["startupProbe"]["httpGet"]["path"] == "/health"
    assert node["readinessProbe"]["httpGet"]["path"] == "/ready"


def test_settings_are_taken_by_nexy(tmp_path: Path) -> None:
    secret = tmp_path / "nexy.secret"
    secret.write_text("0" * 64)
    secret.chmod(0o600)
    given = env_file(FOLDER / "nexy.env") | MANIFESTS["Secret/nexy-settings"]["stringData"]
    assert given.keys() <= SETTINGS.keys() | {"NATS_URL"}
    given |= {
        "GRPC_HOST": "0.0.0.0",
        "AUTH_SECRET_FILE": str(secret),
        "DATABASE_URL": "postgresql://nexy@db/nexy",
    }
    config, _ = load(given, tmp_path / "config.env")
    assert config.security.auth == "tokens"


def test_the_metric_that_decides_how_many_is_one_of_nexys() -> None:
    (pods_metric,) = [
        one["pods"]
        for one in MANIFESTS["HorizontalPodAutoscaler/nexy"]["spec"]["metrics"]
        if one["type"] == "Pods"
    ]
    name = pods_metric["metric"]["name"]
    assert f'"{name}"' in (ROOT / "nexy/integrations/gauges.py").read_text()
    most = MANIFESTS["HorizontalPodAutoscaler/nexy"]["spec"]["maxReplicas"]
    settings = dict(re.findall(r"^(\w+)=(.*)$", (FOLDER / "nexy.env").read_text(), re.MULTILINE))
    limit = float(settings["MAX_ACTIVE_SESSIONS"])  # of all together, or none of them would ever be added
    assert limit == most * float(SETTINGS["MAX_ACTIVE_SESSIONS"])
    assert most * float(pods_metric["target"]["averageValue"]) < limit
    adapter = (FOLDER / "prometheus-adapter.yaml").read_text()
    assert set(re.findall(r"\bnexy_[a-z_]+", adapter)) == {name}
