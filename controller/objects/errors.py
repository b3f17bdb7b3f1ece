"""What can go wrong in `controller.objects`.

ObjectError
├── ObjectsAway      the place does not answer, or refuses: the same may work later
├── NoObject         there is nothing of that name
└── BadObject        what is there is not what was put
"""

from controller.errors import StoreError


class ObjectError(StoreError):
    """Anything that a folder or a bucket refuses."""


class ObjectsAway(ObjectError):
    """The place does not answer, or refuses: nothing is known of what was asked."""


class NoObject(ObjectError):
    """There is nothing of that name."""


class BadObject(ObjectError):
    """What is there is not what was put: it was cut off or changed on its way."""
