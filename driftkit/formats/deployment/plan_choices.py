"""What a plan chooses from: strategies, methods, ways to route requests, policies of bandits.

They stand apart from the plan's file so that the command line's help need not load its reading.
"""

from __future__ import annotations

from typing import Literal

Strategy = Literal["canary", "ab", "shadow", "blue_green", "bandit", "batch"]
Method = Literal["always_valid", "exact", "group_sequential", "fixed"]
Routing = Literal["request", "sticky"]
Policy = Literal["thompson-beta", "thompson-gaussian", "epsilon-greedy", "ucb1", "softmax", "exp3"]
