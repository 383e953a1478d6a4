"""Runs Deequ's analyzers through py4j and returns their states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftkit.compute.failures import reason
from driftkit.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Sequence

_NO_VALUES = "EmptyStateException"


class Analysis:
    """What Deequ finds in one frame.

    Args:
        jvm: of the session.
        frame: the frame's JVM object.
        where: what the frame holds, for messages.
    """

    def __init__(self, jvm: Any, frame: Any, where: str) -> None:
        self.jvm = jvm
        self.frame = frame
        self.where = where

    def states(self, analyzers: Sequence[Any]) -> list[Any]:
        """The state of each analyzer; None where there was no value to look at.

        Args:
            analyzers: objects of pydeequ.analyzers, all different.

        Raises:
            EngineError: Deequ failed to compute one of them.
        """
        asked, context, provider = self._run(analyzers)
        return [self._state(analyzer, context, provider) for analyzer in asked]

    def metrics(self, analyzers: Sequence[Any]) -> list[Any]:
        """The metric of each analyzer; None where there was no value to look at.

        Raises:
            EngineError: Deequ failed to compute one of them.
        """
        asked, context, _ = self._run(analyzers)
        return [self._metric(analyzer, context) for analyzer in asked]

    def _run(self, analyzers: Sequence[Any]) -> tuple[list[Any], Any, Any]:
        deequ, option = self.jvm.com.amazon.deequ.analyzers, self.jvm.scala.Option.apply
        asked = [each._set_jvm(self.jvm)._analyzer_jvm for each in analyzers]  # noqa: SLF001
        analysis = deequ.Analysis(
            self.jvm.scala.collection.JavaConverters.iterableAsScalaIterable(asked).toList()
        )
        provider = deequ.InMemoryStateProvider()
        uncached = self.jvm.org.apache.spark.storage.StorageLevel.NONE()
        context = deequ.runners.AnalysisRunner.run(
            self.frame, analysis, option(None), option(provider), uncached
        )
        return asked, context, provider

    def _state(self, analyzer: Any, context: Any, provider: Any) -> Any:
        state = provider.load(analyzer)
        return state.get() if state.isDefined() else self._metric(analyzer, context)

    def _metric(self, analyzer: Any, context: Any) -> Any:
        metric = context.metric(analyzer)
        if metric.isEmpty():
            raise self._failed(analyzer, "no result")
        value = metric.get().value()
        if value.isSuccess():
            return value.get()
        failure = value.failed().get()
        if failure.getClass().getSimpleName() == _NO_VALUES:
            return None
        raise self._failed(analyzer, reason(failure.toString()))

    def _failed(self, analyzer: Any, found: str) -> EngineError:
        return EngineError(
            "Deequ could not compute a metric",
            where=self.where,
            expected=analyzer.toString(),
            found=found,
            todo="Use --engine scan, which needs no Deequ, or mend that",
        )
