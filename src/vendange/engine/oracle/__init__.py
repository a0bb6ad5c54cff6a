"""The slow, obvious version of the engine: every figure is added up again from the first signal.

Tests hold the kernel against it. It follows docs/rules/maturity.md sentence by sentence and shares no arithmetic with
the kernel: conditions are asked one by one, points are decimals of 28 digits, and nothing is carried from one moment
to the next. Slow means that a history of thousands of signals is not for it.
"""

from vendange.engine.oracle.alerts import Call, Member, calls
from vendange.engine.oracle.heat import Heated, heat
from vendange.engine.oracle.standing import Standing, category, next_change, stand

__all__ = ["Call", "Heated", "Member", "Standing", "calls", "category", "heat", "next_change", "stand"]
