"""The quirks of AWS's bias metrics that come from smclarify's arithmetic, and what a quirk is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirk:
    """A point in which the AWS containers differ from the right mathematics.

    Attributes:
        name: of the field of `Dialect`.
        aws: the field's value in the dialect "aws"; "textbook" has the opposite.
        what: what the containers do.
        instead: what the textbook dialect does.
        where: the module that asks for the field.
        source: how it is known.
        test: the test that holds it.
    """

    name: str
    aws: bool
    what: str
    instead: str
    where: str
    source: str
    test: str


OF_BIAS: tuple[Quirk, ...] = (
    Quirk(
        name="common_labels_only",
        aws=True,
        what=(
            "KL, JS, LP, TVD and KS leave out labels that one side lacks, without scaling up the "
            "others; JS and KL can be negative, and there is no value where no label is common."
        ),
        instead="All labels count; KL is infinite where only the facet lacks one.",
        where="comparison/bias/pretraining.py",
        source="smclarify; 50/50 against 40/0 has a TVD of 0.25 there, and of 0.5 by its definition.",
        test="tests/comparison/bias/test_textbook.py",
    ),
    Quirk(
        name="nothing_by_nothing_is_zero",
        aws=True,
        what=(
            "A rate of 0/0 (the recall of a side without positive labels) is 0, as is infinity less "
            "infinity; the difference to the other side's rate is then reported."
        ),
        instead="The metric has no value, and its error says which side lacks what.",
        where="comparison/bias/table.py",
        source="smclarify's division; recorded from it.",
        test="tests/comparison/bias/test_textbook.py",
    ),
    Quirk(
        name="one_outcome_is_disparity",
        aws=True,
        what=(
            "In CDDL and CDDPL, a group in which all are accepted, or all rejected, counts as if the "
            "facet had a share of 0 in the other outcome."
        ),
        instead="Such groups are left out of the mean; without any other there is no value.",
        where="comparison/bias/pretraining.py",
        source="smclarify; recorded from it. What stands in its place is a choice of ours.",
        test="tests/comparison/bias/test_textbook.py",
    ),
    Quirk(
        name="imbalance_needs_both_sides",
        aws=True,
        what="CI has no value where one side has no rows.",
        instead="It is 1 where the facet has none, -1 where the rest has none.",
        where="comparison/bias/metrics.py",
        source="smclarify; recorded from it.",
        test="tests/comparison/bias/test_textbook.py",
    ),
    Quirk(
        name="acceptance_is_required",
        aws=True,
        what="The run ends with an error where nothing is predicted positive.",
        instead=(
            "The metrics are measured all the same, unless a prediction is a text that no label is."
        ),
        where="states/groups/outcomes.py",
        source="smclarify; runs of Clarify end with its message.",
        test="tests/states/groups/test_bias_dialects.py",
    ),
    Quirk(
        name="confusion_of_labels_only",
        aws=True,
        what="The confusion matrix of many labels leaves out predictions that no label equals.",
        instead="It has a row and a column for them.",
        where="states/groups/outcomes.py",
        source="smclarify's report, whose rows and columns are the label's values.",
        test="tests/states/groups/test_bias_dialects.py",
    ),
)
