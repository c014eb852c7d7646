"""The cards about an account rather than a case: is this you, welcome, and what reached nobody."""

from core.api import CaseView, Language, Part, Undone, is_final
from notifications.render.button_values import SEPARATOR
from notifications.render.model import Block, CardMessage, Element
from notifications.render.pieces import card_buttons, parts
from notifications.render.pieces.facts import CardFacts, Lost
from notifications.render.pieces.words import CaseWords, organisation, why_channel_is_lost
from notifications.texts import keys, say

LINK_STATES = ("offered", "asked", "confirmed", "declined", "undone", "barred")


def link(card: CardFacts, language: Language) -> CardMessage:
    """Asks a person whether an account is theirs; a greeting once it is, and what to do when it is not."""
    state = card.note.get("state", "offered")
    key = f"link.{state if state in LINK_STATES else 'offered'}"
    name = parts.on_one_line(card.note.get("name", ""))
    account = say(language, "link.account", name=name, email=parts.on_one_line(card.note.get("email", "")))
    text = say(language, f"{key}.text", name=name)
    title = parts.header(say(language, f"{key}.title", name=name))
    blocks = [title, parts.rich(parts.woven(language, f"{key}.text", {"name": name}))]
    if key == "link.offered" and card.note.get("waits"):
        text = f"{say(language, 'link.offered.waits')} {text}"
        blocks += [parts.rich([say(language, "link.offered.waits")])]
    blocks += [parts.rich([say(language, f"{key}.body")])]
    administers = parts.on_one_line(card.note.get("administers", ""))
    if key == "link.confirmed" and administers:
        blocks += [parts.rich(parts.woven(language, "link.confirmed.administrator", {"organisations": administers}))]
    blocks += [*parts.actions(_buttons(card, language, key)), parts.small(account)]
    return CardMessage(text, blocks)


def _buttons(card: CardFacts, language: Language, key: str) -> list[Element]:
    value = card.pointer(None).value()
    if key == "link.offered":
        return [
            parts.primary(parts.button(language, "link_yes", value)),
            parts.button(language, "link_no", value),
        ]
    if key == "link.confirmed":
        portal = parts.url_button(language, "open_portal", card.portal_url)
        no = parts.asking_first(language, parts.button(language, "link_no", value), "link.confirmed.no")
        return [parts.button(language, "help", value), *portal, no]
    return []


def linked(card: CardFacts, language: Language) -> CardMessage:
    """Tells a person that an account stands for the person since then; the mail has a link to undo that."""
    said = {"workspace": parts.on_one_line(card.note.get("workspace", ""))}
    title = say(language, "linked.title")
    blocks = [parts.header(title), parts.rich(parts.woven(language, "linked.text", said))]
    blocks += [parts.rich([say(language, "linked.todo")])]
    return CardMessage(title, blocks)


def unlinked(card: CardFacts, language: Language) -> CardMessage:
    """Tells a person, or who administers where the person is, that an account stands for the person no longer."""
    key = "unlinked.own" if card.note.get("is_own") else "unlinked.other"
    name = parts.on_one_line(card.note.get("name", "")) or say(language, "value.unknown_person")
    said = {"name": name, "workspace": parts.on_one_line(card.note.get("workspace", ""))}
    title = say(language, f"{key}.title", **said)
    why = card.note.get("why")
    todo = f"{key}.todo_changed" if why == Undone.CHANGED else f"{key}.todo"
    blocks = [parts.header(title), parts.rich(parts.woven(language, f"{key}.text", said))]
    blocks += [parts.rich([f"{say(language, f'unlinked.why.{why}')} {say(language, todo)}"])]
    return CardMessage(title, blocks)


# What becomes of a guest's account once an administrator has said yes; otherwise it waits no more.
LET_IN = frozenset({"offered", "confirmed"})


def guest(card: CardFacts, language: Language) -> CardMessage:
    """Asks who administers an organisation whether a guest's account may be linked; what became of that, once asked."""
    names = ("name", "workspace", "organisation")
    said = {name: parts.on_one_line(card.note.get(name, "")) for name in names}
    said["name"] = said["name"] or say(language, "value.unknown_person")
    state = card.note.get("state", "")
    key = "guest.waits" if state == "asked" else "guest.let_in" if state in LET_IN else "guest.over"
    is_other = state == "asked" and card.part is Part.CUSTOMER_SERVICE
    title = say(language, f"{key}.title", name=said["name"])
    blocks = [parts.header(title), parts.rich(parts.woven(language, f"{key}.{'other' if is_other else 'text'}", said))]
    if state == "asked":
        blocks += [parts.rich([say(language, "guest.waits.means")])]
        of_guest = SEPARATOR.join(card.note[each] for each in ("organisation_id", "person", "account"))
        value = card.pointer(None).option(of_guest)
        blocks += parts.actions([parts.primary(parts.button(language, "guest_yes", value))])
    return CardMessage(title, blocks)


def slack_off(card: CardFacts, language: Language) -> CardMessage:
    """Tells who administers an organisation, or customer service, that the app is no more in its Slack."""
    is_own = card.part is not Part.CUSTOMER_SERVICE
    said = {name: parts.on_one_line(card.note.get(name, "")) for name in ("organisation", "workspace")}
    key = "slack_off.own" if is_own else "slack_off.other"
    means = f"{key}.means" if is_own or card.note.get("has_mail") else f"{key}.waits"
    title = say(language, f"{key}.title", **({} if is_own else {"organisation": said["organisation"]}))
    blocks = [parts.header(title), parts.rich(parts.woven(language, "slack_off.text", said))]
    blocks += [parts.rich([say(language, each)]) for each in (means, "slack_off.stays", f"{key}.todo")]
    return CardMessage(title, blocks)


def channel_lost(card: CardFacts, language: Language) -> CardMessage:
    """Tells who administers an organisation, or customer service, that a channel takes no messages, and what to do."""
    is_own = card.part is not Part.CUSTOMER_SERVICE
    organisation, channel = (parts.on_one_line(card.note.get(name, "")) for name in ("organisation", "channel"))
    said = {"organisation": organisation, "channel": channel, "role": say(language, f"role.{card.note['role']}")}
    key, error = "channel_lost.own" if is_own else "channel_lost.other", card.note.get("error", "")
    title = say(language, f"{key}.title", **({} if is_own else {"organisation": organisation}))
    blocks = [
        parts.header(title),
        parts.rich(parts.woven(language, "channel_lost.text", said)),
        parts.rich([why_channel_is_lost(language, error)]),
    ]
    blocks += [parts.rich([say(language, each)]) for each in ("channel_lost.means", f"{key}.todo")]
    return CardMessage(title, blocks)


def undelivered(card: CardFacts, view: CaseView | None, language: Language) -> CardMessage:
    """Tells customer service that a card reached nobody, and what to do about it; less once it matters no more."""
    person = parts.on_one_line(card.note.get("person", "")) or say(language, "value.unknown_person")
    said = {"person": person}
    words = None if view is None else CaseWords(view, language)
    state = _standing(card, view)
    title, text, todo = (f"undelivered.{state}.{each}" for each in ("title", "text", "todo"))
    if words is not None:
        title, text, todo = map(words.key, (title, text, todo))
    blocks = [parts.header(say(language, title))]
    blocks += [parts.rich(parts.woven(language, text, said)), parts.rich(parts.woven(language, todo, said))]
    blocks += [] if words is None else _case(words)
    blocks += _why(card.note.get("error", ""), language)
    if words is not None:
        whole = card_buttons.DETAILS if words.view.application is None else "whole_application"
        shown = card_buttons.details(words, card.pointer(words.view), whole)._replace(spoken="")
        blocks += list(parts.actions([shown]))
    return CardMessage(say(language, text, **said), blocks)


def _standing(card: CardFacts, view: CaseView | None) -> str:
    lost = card.note.get("lost", Lost.REQUEST)
    if lost == Lost.NOTHING:
        return "arrived"
    if view is None or not is_final(view.flow, view.state):
        return "open"
    return "last_words" if lost == Lost.LAST_WORDS else "closed"


def _why(error: str, language: Language) -> list[Block]:
    """Our own reasons in words; Slack's as Slack says them."""
    if not error:
        return []
    ours = f"undelivered.why.{error}"
    if ours in keys(language):
        return list(parts.notes((say(language, "field.why"), say(language, ours))))
    field = "field.mail_error" if error.startswith("smtp_") else "field.error"
    return list(parts.facts([(say(language, field), error)]))


def _case(words: CaseWords) -> list[Block]:
    rows = [
        (say(words.language, words.key("field.number")), words.names["number"]),
        (words.field("service"), words.names["service"]),
        (words.field("customer"), organisation(words.language, words.view.customer)),
        (words.field("state"), words.state),
    ]
    return list(parts.facts(rows))
