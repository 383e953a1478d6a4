"""The shape of the package keeps what was won: no circles of imports, and measures that are right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.house.measures import PACKAGE, Modules, table

if TYPE_CHECKING:
    from pathlib import Path

# Circles that are left, to be broken one after the other; nothing may be added.
LEFT: tuple[set[str], ...] = ()

FILES = {
    "__init__.py": "from shop import till\n",
    "till.py": (
        "from __future__ import annotations\n"
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n"
        "    from shop.goods.apples import Apple\n"
        "def pay(apple: Apple) -> int:\n"
        "    return _price(apple) + _price(apple) + _tip()\n"
        "def _price(apple: Apple) -> int:\n"
        "    return apple.price\n"
        "def _tip() -> int:\n"
        "    return 1\n"
    ),
    "goods/__init__.py": "",
    "goods/apples.py": (
        "class Apple:\n"
        "    price = 2\n"
        "    def paid(self) -> int:\n"
        "        from shop.till import pay\n"
        "        return pay(self)\n"
    ),
}


@pytest.fixture
def shop(tmp_path: Path) -> Modules:
    for name, text in FILES.items():
        file = tmp_path / "shop" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return Modules.from_folder(tmp_path / "shop")


def test_imports_under_type_checking_and_in_functions_count(shop: Modules) -> None:
    assert shop.imports["shop.till"] == {"shop.goods.apples"}
    assert shop.circles() == [["shop.goods.apples", "shop.till"]]


def test_importers_calls_and_sizes(shop: Modules) -> None:
    assert shop.with_one_importer() == ["shop.goods.apples"]
    assert shop.uses_of_private_functions() == [2, 1]
    assert shop.function_lines() == [2, 2, 2, 3]
    assert shop.rooms() == {"": (2, 11), "goods": (2, 5)}


def test_no_circle_is_added() -> None:
    found = [
        {name.removeprefix("driftkit.") for name in circle}
        for circle in Modules.from_folder(PACKAGE).circles()
    ]

    assert [circle for circle in found if not any(circle <= left for left in LEFT)] == []


def test_the_table_is_printed_of_any_package(shop: Modules) -> None:
    assert dict(table(shop))["private functions called once"] == "50% of 2"
