"""Generate the stubs and the descriptor set from protos/, or compare them with what is there."""

import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGE = Path("nexy/modules/grpc_service/streaming")


def generate(folder: Path) -> dict[Path, bytes]:
    """The generated files, by where they belong."""
    command = [sys.executable, "-m", "grpc_tools.protoc", "-I", "protos", "--include_imports"]
    command += [f"--python_betterproto_out={folder}", f"--descriptor_set_out={folder}/streaming.binpb"]
    path = str(Path(sys.executable).parent)
    subprocess.run([*command, "protos/streaming.proto"], check=True, capture_output=True, env={"PATH": path})  # noqa: S603 - our own arguments
    return {
        PACKAGE / "__init__.py": (folder / "streaming/__init__.py").read_bytes(),
        PACKAGE / "streaming.binpb": (folder / "streaming.binpb").read_bytes(),
    }


def main(mode: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        generated = generate(Path(folder))
    stale = [path for path, data in generated.items() if not path.exists() or path.read_bytes() != data]
    if mode == "check":
        for path in stale:
            print(f"{path} is not what protos/ says: just proto", file=sys.stderr)  # noqa: T201
        return bool(stale)
    for path in stale:
        path.write_bytes(generated[path])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
