"""A small honest assistant that needs nothing outside."""

from nexy.modules.text_processing.providers.offline.assistant import OfflineModel, open_offline

__all__ = ["OfflineModel", "open_offline"]
