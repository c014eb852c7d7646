"""What a request says that it prefers, in a header such as Accept or Accept-Language."""

from core.shared.vocabulary import Language


def preferred(accepted: str) -> Language | None:
    """The language that the text of an Accept-Language header prefers among ours, None where it names none."""
    ours = [(weight, language) for tag, weight in _weighed(accepted) if weight > 0 and (language := _language(tag))]
    # The first of several equally wished for: max keeps the earliest.
    return max(ours, key=lambda wish: wish[0], default=(0.0, None))[1]


def takes(accepted: str, media_type: str) -> bool:
    """Whether the text of an Accept header lets an answer be of a media type: what is said most exactly of it counts.

    A header that names nothing asks for nothing.
    """
    weights = dict(_weighed(accepted))
    ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
    return not accepted.strip() or next((weights[each] > 0 for each in ranges if each in weights), False)


def _weighed(text: str) -> list[tuple[str, float]]:
    return [_wish(part) for part in text.split(",")]


def _wish(part: str) -> tuple[str, float]:
    name, *parameters = (each.strip() for each in part.lower().split(";"))
    weight = next((each.partition("=")[2] for each in parameters if each.partition("=")[0].strip() == "q"), "1")
    try:
        return name, float(weight)
    except ValueError:
        return name, 0.0


def _language(tag: str) -> Language | None:
    return next((each for each in Language if tag.split("-")[0] == each), None)
