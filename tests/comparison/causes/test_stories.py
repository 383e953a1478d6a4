"""Features that changed together are one story, and the one that matters most comes first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from driftkit.comparison.causes.cause import Cause, Kind
from driftkit.comparison.causes.stories import Change, stories

_SHIFT = Cause(kind=Kind.SHIFT, size=5.0, moved=0.5, rows=1.0)
_UNITS = Cause(kind=Kind.UNITS, size=60.0, moved=40.0, rows=1.0)
_MINUTES = replace(_UNITS, model=(60.0, 0.0))
_ABOUT = Cause(kind=Kind.SPREAD, size=52.0, moved=30.0, rows=1.0, model=(52.0, 0.0))
_NULLS = Cause(kind=Kind.NULLS, size=0.1, rows=0.1)


def _change(feature: str, cause: Cause, **said: object) -> Change:
    return replace(Change(feature=feature, cause=cause, p_value=1e-9), **said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cause", "other"),
    [
        pytest.param(_UNITS, replace(_UNITS, moved=30.0), id="the same factor"),
        pytest.param(_NULLS, replace(_NULLS, rows=0.105), id="as many nulls"),
        pytest.param(_MINUTES, _ABOUT, id="about the same factor"),
        pytest.param(_ABOUT, _MINUTES, id="a known factor about the same"),
    ],
)
def test_the_same_change_is_one_story(cause: Cause, other: Cause) -> None:
    (told,) = stories([_change("a", cause), _change("b", other), _change("c", cause)])

    assert set(told.features) == {"a", "b", "c"}
    assert told.because


@pytest.mark.parametrize(
    ("first", "other"),
    [
        pytest.param(_change("a", _SHIFT), _change("b", _SHIFT), id="unrelated"),
        pytest.param(
            _change("a", _MINUTES),
            _change("b", replace(_ABOUT, model=(52.0, 9.0))),
            id="a factor and an offset",
        ),
        pytest.param(
            _change("a", _MINUTES),
            _change("b", replace(_ABOUT, model=(30.0, 0.0))),
            id="half the factor",
        ),
        pytest.param(
            _change("a", replace(_MINUTES, model=(2.54, 0.0))),
            _change("b", replace(_ABOUT, model=(2.4, 0.0))),
            id="a factor that many may have",
        ),
        pytest.param(
            _change("a", _UNITS), _change("b", replace(_UNITS, size=1000.0)), id="other factors"
        ),
        pytest.param(
            _change("a", _UNITS), _change("b", _UNITS, segment="carrier=UA"), id="other rows"
        ),
        pytest.param(
            _change("ab_1", _SHIFT), _change("ab_2", _SHIFT), id="a prefix of two letters"
        ),
        pytest.param(
            _change("sensor_1", _SHIFT),
            _change("sensor_2", replace(_SHIFT, moved=2.0)),
            id="a prefix, and further",
        ),
    ],
)
def test_other_changes_are_stories_of_their_own(first: Change, other: Change) -> None:
    assert len(stories([first, other])) == 2


@pytest.mark.parametrize(
    ("first", "other", "upstream"),
    [
        pytest.param(
            _change("sensor_1", _SHIFT), _change("sensor_2", _SHIFT), {}, id="names begin alike"
        ),
        pytest.param(
            _change("a", _SHIFT, segment="carrier=UA"),
            _change("b", _SHIFT, segment="carrier=UA"),
            {},
            id="in one segment",
        ),
        pytest.param(
            _change("a", _SHIFT), _change("b", _SHIFT), {"a": "gps", "b": "gps"}, id="upstream"
        ),
    ],
)
def test_what_features_have_in_common_joins_them(
    first: Change, other: Change, upstream: dict[str, str]
) -> None:
    assert len(stories([first, other], upstream)) == 1


def test_what_matters_to_the_model_comes_first() -> None:
    changes = [
        _change("much", _UNITS, importance=0.01, p_value=1e-80),
        _change("little", _SHIFT, importance=0.7, p_value=1e-6),
        _change("unknown", _NULLS, p_value=1e-300),
    ]

    assert [each.first.feature for each in stories(changes)] == ["little", "much", "unknown"]


def test_a_feature_with_two_changes_is_in_two_stories() -> None:
    told = stories([_change("a", _UNITS), _change("a", _NULLS), _change("b", _NULLS)])

    assert sorted(each.features for each in told) == [("a",), ("a", "b")]
