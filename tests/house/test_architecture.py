"""docs/architecture.md speaks of the rooms that there are."""

from __future__ import annotations

import re

from tests.house.conftest import ROOT, modules

PAGE = ROOT / "docs" / "architecture.md"


def test_each_room_is_on_the_page() -> None:
    listed = re.findall(r"^\| `(\w+)/` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    rooms = {path.parts[1] for path in modules("driftkit") if len(path.parts) > 2}

    # The settings are a row of their own, with the files beside the rooms.
    assert {*listed, "settings"} == rooms


def test_the_rooms_stand_in_the_order_of_the_arrows() -> None:
    listed = re.findall(r"^\| `(\w+)/` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    layers = re.search(r"layers = \[(.*?)\n\]", (ROOT / "pyproject.toml").read_text(), re.DOTALL)
    assert layers is not None
    order = re.findall(r"\w+", re.sub(r"\(\w+\)", "", layers.group(1)))

    assert [order.index(room) for room in listed] == sorted(order.index(room) for room in listed)
