"""What can go wrong in `controller.objects`.

ObjectError
├── ObjectsAway      the place does not answer, or refuses: the same may work later
├── ForeignPlace     what is there belongs to other rows than ours
├── NoObject         there is nothing of that name
└── BadObject        what is there is not what was put
"""

from controller.errors import StoreError


class ObjectError(StoreError):
    """Anything that a folder or a bucket refuses."""


class ObjectsAway(ObjectError):
    """The place does not answer, or refuses: nothing is known of what was asked."""


class ForeignPlace(ObjectError):
    """What is there belongs to other rows than ours: none of it is known here."""


class NoObject(ObjectError):
    """There is nothing of that name."""


class BadObject(ObjectError):
    """What is there is not what was put: it was cut off or changed on its way."""
