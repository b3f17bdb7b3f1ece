"""What is asked about: the context of each hook, and the tokens that prefetch templates may name.

    about = order_sign("anna", resources, rx)
    about.context         # {"userId": …, "patientId": …, "draftOrders": {…}}

HL7 CDS Hooks: patient-view 1.0, order-sign 1.0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from controller.cds.prefetch import asked
from controller.cds.resources import Resources, fhir_id
from controller.cds.section import Hook
from controller.prescriptions.model import Prescription


@dataclass(frozen=True, slots=True)
class About:
    """One triggering of a hook: for whom, of whom, in what."""

    hook: Hook
    identifier: str
    """The patient's."""
    resources: Resources
    context: Mapping[str, Any]
    rx: Prescription | None = None

    def prefetch(self, templates: Mapping[str, str]) -> dict[str, Any]:
        """By key what we have for each template that we answer; null: there are no data."""
        tokens = {f"context.{name}": one for name, one in self.context.items() if isinstance(one, str)}
        queries = {key: asked(text, tokens) for key, text in templates.items()}
        return {key: self.resources.answer(query) for key, query in queries.items() if query is not None}


def patient_view(user: str, identifier: str, resources: Resources) -> About:
    """Somebody opened the patient's record."""
    return About("patient-view", identifier, resources, _who(user, resources))


def order_sign(user: str, rx: Prescription, resources: Resources) -> About:
    """Somebody is about to sign `rx`."""
    draft = resources.request(rx, "draft")
    orders = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": draft}]}
    context = {**_who(user, resources), "draftOrders": orders}
    return About("order-sign", rx.identifier, resources, context, rx)


def _who(user: str, resources: Resources) -> dict[str, Any]:
    return {
        "userId": f"Practitioner/{fhir_id('Practitioner', user)}",
        "patientId": resources.patient_id,
    }
