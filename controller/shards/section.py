"""`[cluster]`: whether this controller is one of several."""

from controller.sections import Section


class ClusterSection(Section):
    """`replicas`: others like it work on the same database (docs/scale.md)."""

    replicas: bool = False
