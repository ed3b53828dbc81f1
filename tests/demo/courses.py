"""What becomes of the complaints: each course, named in complaints.toml, tells one case from its opening on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.demo.material import Entry, Story
from tests.demo.matter import Matter
from tests.demo.papers import receipt
from tests.demo.province import Desk


@dataclass(frozen=True)
class Scene:
    """One case, its story, and the desk at the top of the tree."""

    case: Matter
    story: Story
    top: Desk

    def said(self, kind: str) -> Entry:
        """Return what an officer writes here."""
        return self.story.said[kind]

    def reporter_writes(self, action: str, kind: str) -> None:
        """Have the reporter do ``action`` with his own text of this ``kind``; a withdrawal needs none."""
        self.case.reporter.act(action, self.story.own.get(kind, ""))


Course = Callable[[Scene], None]


def read(_scene: Scene) -> None:
    """The lead has read it when he looked through his queue, and not taken it yet."""


def writes_again(scene: Scene) -> None:
    """Before anybody takes it, the reporter writes once more."""
    scene.reporter_writes("message", "message")


def withdrawal_pending(scene: Scene) -> None:
    """The reporter wants it withdrawn, and nobody has decided yet."""
    in_triage(scene)
    scene.reporter_writes("withdraw", "withdrawal")


def in_triage(scene: Scene) -> None:
    """Taken by the lead."""
    scene.case.take()


def conversation(scene: Scene) -> None:
    """The reporter writes of himself, and the lead replies."""
    in_triage(scene)
    scene.reporter_writes("message", "message")
    scene.case.reply(scene.said("reply")["text"])


def urgent(scene: Scene) -> None:
    """Taken, and put before the others."""
    in_triage(scene)
    scene.case.mark_urgent()


def held(scene: Scene) -> None:
    """Taken, and held: a court may want to see it."""
    in_triage(scene)
    scene.case.hold(scene.said("hold")["text"])


def threatened_later(scene: Scene) -> None:
    """Since it was taken the reporter has come to feel threatened."""
    in_triage(scene)
    scene.case.reporter.act("message", scene.story.own["message"], threatened=True)


def referred(scene: Scene) -> None:
    """Handed over to another agency, with a reviewer's consent; its receipt is awaited."""
    in_triage(scene)
    scene.case.refer(scene.said("referral")["agency"], scene.said("referral")["text"])


def agency_answered(scene: Scene) -> None:
    """The agency has answered, and a reviewer closes."""
    referred(scene)
    answer = scene.said("agency_answer")
    scene.case.answered_by_agency(answer["outcome"], answer["reference"], answer["reason"], answer["text"])
    scene.case.close()


def agency_returned(scene: Scene) -> None:
    """The agency does not want it: it is in triage again."""
    referred(scene)
    scene.case.returned_by_agency(scene.said("agency_refusal")["text"])


def asked(scene: Scene) -> None:
    """A question from triage waits for its answer."""
    in_triage(scene)
    scene.case.ask_at_triage(scene.said("open_question")["text"])


def under_investigation(scene: Scene) -> None:
    """Assigned, with a plan, and begun."""
    in_triage(scene)
    plan = scene.said("first_plan")
    scene.case.plan(plan["text"], plan["allegations"])
    scene.case.note(scene.said("note")["text"])
    scene.case.add_evidence(receipt())


def asked_again(scene: Scene) -> None:
    """A question from the investigation waits for its answer."""
    under_investigation(scene)
    scene.case.ask(scene.said("open_question")["text"])


def stepped_aside(scene: Scene) -> None:
    """The investigator has recused himself, and nobody has been named in his place."""
    under_investigation(scene)
    scene.case.step_aside(scene.said("recusal")["text"])


def extended(scene: Scene) -> None:
    """The investigation needs more time, and the reporter is told why."""
    under_investigation(scene)
    scene.case.extend(scene.said("extension")["reason"], scene.said("extension")["text"])


def rejected(scene: Scene) -> None:
    """Closed from triage: without an investigation, but never without a reviewer."""
    in_triage(scene)
    _propose_ending(scene)
    scene.case.close()


def duplicate(scene: Scene) -> None:
    """Closed from triage: the same has been examined already."""
    rejected(scene)


def withdrawn(scene: Scene) -> None:
    """Withdrawn: the reporter asks before it is opened, a reviewer closes."""
    scene.reporter_writes("withdraw", "withdrawal")
    rejected(scene)


def returned(scene: Scene) -> None:
    """The reviewer does not agree that it cannot be processed."""
    in_triage(scene)
    _propose_ending(scene)
    scene.case.send_back("TRIAGE", scene.said("send_back")["text"])


def _propose_ending(scene: Scene) -> None:
    ending = scene.said("ending")
    scene.case.propose(scene.case.desk.lead, ending["outcome"], ending["reason"], ending["text"])


def _investigate(scene: Scene) -> None:
    """Investigate with a plan, a question and its answer, a note, and a finding for each allegation."""
    _ask_and_hear(scene)
    scene.case.note(scene.said("note")["text"])
    scene.case.find(scene.said("reason")["findings"])


def _ask_and_hear(scene: Scene) -> None:
    in_triage(scene)
    plan = scene.said("plan")
    severity = "berat" if scene.story.answers.get("threatened") == "ya" else "sedang"
    scene.case.plan(plan["text"], plan["allegations"], severity)
    scene.case.ask(scene.said("question")["text"])
    scene.reporter_writes("answer", "answer")


def _propose(scene: Scene) -> None:
    reason, told = scene.said("reason"), scene.said("reporter_text")
    scene.case.propose(scene.case.investigator, reason["outcome"], reason["text"], told["text"])


def in_review(scene: Scene) -> None:
    """Investigated, and proposed to a reviewer."""
    _investigate(scene)
    _propose(scene)


def examined(scene: Scene) -> None:
    """Investigated, and closed by a reviewer."""
    in_review(scene)
    scene.case.close()


def sent_back(scene: Scene) -> None:
    """The reviewer wants it better, and closes the second proposal."""
    in_review(scene)
    scene.case.send_back("INVESTIGATION", scene.said("send_back")["text"])
    _propose(scene)
    scene.case.close()


def changed_hands(scene: Scene) -> None:
    """The investigator recuses himself; another goes on under renewed keys."""
    _ask_and_hear(scene)
    scene.case.step_aside(scene.said("recusal")["text"])
    scene.case.hand_to_another()
    scene.case.note(scene.said("note")["text"])
    scene.case.find(scene.said("reason")["findings"])
    _propose(scene)
    scene.case.close()


def reopened(scene: Scene) -> None:
    """After the closing the reporter writes of something new; the lead above reads the case and reopens it."""
    examined(scene)
    scene.reporter_writes("message", "message")
    scene.case.reopen(scene.top.lead, scene.said("reopening")["text"])


def objection_unassigned(scene: Scene) -> None:
    """The reporter objects, and nobody has been named yet to decide."""
    examined(scene)
    scene.reporter_writes("object", "objection")


def objection_heard(scene: Scene) -> None:
    """Somebody to whom the case is new is deciding on the objection."""
    objection_unassigned(scene)
    scene.case.name_handler()


def dismissed(scene: Scene) -> None:
    """The objection is dismissed, and another reviewer closes than before."""
    objection_unassigned(scene)
    text, outcome = scene.said("objection_decision")["text"], scene.said("reason")["outcome"]
    scene.case.dismiss(scene.case.name_handler(), outcome, text, text)
    scene.case.close(reviewer=1)


def upheld(scene: Scene) -> None:
    """The objection is upheld; whoever decided so investigates now."""
    objection_unassigned(scene)
    text = scene.said("objection_decision")["text"]
    scene.case.uphold(scene.case.name_handler(), text, text)


def upheld_and_closed(scene: Scene) -> None:
    """The second investigation finds what the first did not, and the other reviewer closes."""
    upheld(scene)
    again = scene.said("second_look")
    scene.case.find(again["findings"])
    scene.case.propose(scene.case.investigator, again["outcome"], again["reason"], again["text"])
    scene.case.close(reviewer=1)


# Complaints of this course arrive in the evening: nobody has opened them, not even to read.
UNOPENED = "unopened"
COURSES: Mapping[str, Course] = {
    course.__name__: course
    for course in (
        read, writes_again, withdrawal_pending, in_triage, conversation, urgent, held, threatened_later, referred,
        agency_answered, agency_returned, asked, under_investigation, asked_again, stepped_aside, extended, rejected,
        duplicate, withdrawn, returned, in_review, examined, sent_back, changed_hands, reopened, objection_unassigned,
        objection_heard, dismissed, upheld, upheld_and_closed,
    )
}  # fmt: skip
