"""Language models: a prompt in, the words of an answer out while they are being found."""

from nexy.modules.text_processing.model import LanguageModel, Piece, Prompt, Usage
from nexy.modules.text_processing.opening import FirstThatWorks, open_model

__all__ = ["FirstThatWorks", "LanguageModel", "Piece", "Prompt", "Usage", "open_model"]
