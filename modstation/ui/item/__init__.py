"""The centre of the desk: one item, why it is here, and its pictures in steps."""

from modstation.ui.item.looking import PictureView
from modstation.ui.item.pane import ItemPane
from modstation.ui.item.pictures import ItemPictures

__all__ = ["ItemPane", "ItemPictures", "PictureView"]
