"""The machine interface against its own description: whatever schemathesis draws from it, right or wrong."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from hypothesis import core, given
from hypothesis.vendor import pretty

from tests.fuzz.judging import Bench, Fault, half_written
from tests.house.people import Town
from tests.province import HOST
from tests.remains import row_counts

with warnings.catch_warnings():
    # What it imports is not ours to mend.
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.generation.hypothesis import setup
    from schemathesis.specs.openapi import checks

# Schemathesis would read what is compressed as it comes.
PLAIN = {"Accept-Encoding": "identity"}
# It puts a printer that prints nothing in the place of hypothesis's own, for whatever else runs in this process.
setup()
core.RepresentationPrinter = pretty.RepresentationPrinter

DESCRIPTION = "/api/v1/openapi.json"
# That what fits the description is taken is not asked: seals and signatures are beyond what a description can say.
CHECKS = [
    not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_schema_conformance, checks.response_headers_conformance, checks.negative_data_rejection,
]  # fmt: skip


def operations(people: Town) -> list[Any]:
    """Return the operations of the description, as schemathesis reads it from the application."""
    read = schemathesis.openapi.from_wsgi(DESCRIPTION, people.province.app)
    return [found.ok() for found in read.get_all_operations()]


def modes(operation: Any) -> list[GenerationMode]:
    """Return in which ways an operation can be asked: what takes no body can be given nothing wrong."""
    return [GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if operation.body else [])]


def ask_as_described(bench: Bench, operation: Any, mode: GenerationMode, how: Callable[[Any], Any]) -> None:
    """Ask an operation in every way that its description lets one think of; raises what breaks it."""
    people = bench.people

    @how
    @given(case=operation.as_strategy(generation_mode=mode))
    def asks(case: Any) -> None:
        before = row_counts(people.province.app)
        answer = case.call(base_url=HOST, headers=PLAIN)
        bench.told[f"{operation.label} (schemathesis, {mode.value})", answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)
        if answer.status_code >= 400 and (faults := half_written(before, row_counts(people.province.app))):
            raise Fault("; ".join(faults))

    asks()
