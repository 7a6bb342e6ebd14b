"""A prompt as Gemini takes it. Pure."""

from typing import Any

from nexy.config import ModelsConfig
from nexy.modules.text_processing.model import Prompt
from nexy.modules.text_processing.prompt import conversation, instructions


def contents_of(prompt: Prompt) -> list[dict[str, Any]]:
    """The conversation, user and model in turn; the picture is the first part of the last content."""
    contents: list[dict[str, Any]] = [
        {"role": turn.role, "parts": [{"text": text} for text in turn.texts]} for turn in conversation(prompt)
    ]
    if picture := prompt.screenshot:
        data = {"mime_type": f"image/{picture.kind}", "data": picture.image}
        contents[-1]["parts"].insert(0, {"inline_data": data})
    return contents


def settings_of(prompt: Prompt, config: ModelsConfig) -> dict[str, Any]:
    """All that goes with the contents, but for the key."""
    return {
        "system_instruction": prompt.task or instructions(config.gemini_system_prompt, prompt.recollection),
        "temperature": config.gemini_temperature,
        "max_output_tokens": config.gemini_max_tokens,
        "tools": [] if prompt.task else [{tool: {}} for tool in config.gemini_tools],
        # Off: the SDK would call functions, and ask again for the rest of a long answer, by itself.
        "automatic_function_calling": {"disable": True},
        "automatic_continuation": False,
    }
