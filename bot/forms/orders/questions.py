"""The modals of a completion: the question, and the answer in words."""

from collections.abc import Iterator

from bot.forms.inputs import FieldErrors, Typed, asked, lines, missing, modal, text_in, too_long
from core.api import ROUNDS, SIDE_OF, Action, Answers, CaseView, Language, Part, Side, Transition
from notifications.render.model import Block, Dialog
from notifications.render.pieces.parts import actions, button, quote, rich, small
from notifications.render.pieces.words import CaseWords
from notifications.texts import day, say


class QuestionModal:
    """Asks what must be completed, and says who will read it."""

    CALLBACK = "kp.question"
    QUESTION = "message"

    @classmethod
    def build(cls, view: CaseView, transition: Transition, metadata: str, language: Language) -> Dialog:
        """Return the modal for a row that asks for a question."""
        words, does = CaseWords(view, language), transition.does
        label, hint = say(language, f"question.text.{does}"), cls._shown(words, transition)
        lead = f"question.lead.{does}" if view.application is None else "applied.question.lead"
        blocks = [
            rich(words.rich(lead)),
            asked(cls.QUESTION, label, lines(cls.QUESTION), hint),
            *cls._rounds(words),
            small(words.number()),
        ]
        title, submit = say(language, f"confirm.title.{does}"), say(language, f"confirm.submit.{does}")
        return modal(language, cls.CALLBACK, title, metadata, blocks, submit)

    @classmethod
    def read(cls, values: Typed) -> Answers | FieldErrors:
        """Return the question as it was typed."""
        question = text_in(values, cls.QUESTION)
        if not question:
            return missing(cls.QUESTION, "question")
        return too_long(values, cls.QUESTION) or Answers(message=question)

    @staticmethod
    def _shown(words: CaseWords, transition: Transition) -> str:
        within = transition.does is Action.SEND_BACK
        key = "question.shown.send_back" if within else f"question.shown.{SIDE_OF[transition.who]}"
        key = key if words.view.application is None else "applied.question.shown"
        return f"{words.say(key)} {say(words.language, 'hint.no_personal_data')}"

    @staticmethod
    def _rounds(words: CaseWords) -> Iterator[Block]:
        # Said when it begins to matter.
        left = ROUNDS - words.view.rounds
        if left < ROUNDS:
            yield rich([words.counted("question.rounds", left)])


class AnswerModal:
    """Shows the question and takes an answer in words; a button leads to changing the order instead."""

    CALLBACK = "kp.answer"
    ANSWER, CHANGE = "message", "change_order"

    @classmethod
    def build(cls, view: CaseView, transition: Transition, metadata: str, language: Language) -> Dialog:
        """Return the modal for a row that asks for an answer."""
        words, does = CaseWords(view, language), transition.does
        blocks = [
            *question(words),
            asked(cls.ANSWER, words.say("answer.text"), lines(cls.ANSWER), shown(words)),
            rich([words.say("answer.change_hint")]),
            *actions([button(language, cls.CHANGE, metadata.partition("\n")[0], area=view.flow)]),
            small(words.number(), cls._until(words)),
        ]
        title, submit = say(language, f"confirm.title.{does}"), say(language, f"confirm.submit.{does}")
        return modal(language, cls.CALLBACK, title, metadata, blocks, submit)

    @classmethod
    def read(cls, values: Typed) -> Answers | FieldErrors:
        """Return the answer as it was typed."""
        answer = text_in(values, cls.ANSWER)
        if not answer:
            return missing(cls.ANSWER, "answer")
        return too_long(values, cls.ANSWER) or Answers(message=answer)

    @staticmethod
    def _until(words: CaseWords) -> str:
        due = words.view.expires_at
        return "" if due is None else words.say("answer.until", day=day(words.language, due))


def question(words: CaseWords) -> Iterator[Block]:
    """Return who asked, and what."""
    step = words.view.question
    who = words.part(Part.CUSTOMER_SERVICE) if step is None else words.who_begins(step)
    yield rich(words.rich("answer.lead", who=who))
    if step is not None and step.message:
        yield quote(say(words.language, "answer.question"), step.message)


def shown(words: CaseWords) -> str:
    """Return who will read the answer: the side of whoever asked decides."""
    step = words.view.question
    side = Side.INERA if step is None else SIDE_OF.get(step.decided_by_part or step.part, Side.INERA)
    return f"{words.say(f'answer.shown.{side}')} {say(words.language, 'hint.no_personal_data')}"
