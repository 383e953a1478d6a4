"""Every file that is read or written, as frozen dataclasses in Model Monitor's layout."""
