"""Any endpoint that speaks OpenAI's chat protocol: Ollama, llama.cpp, vLLM, LM Studio, the service itself."""

from nexy.modules.text_processing.providers.openai.model import OpenAIModel, open_openai

__all__ = ["OpenAIModel", "open_openai"]
