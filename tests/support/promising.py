"""Words by which a sentence promises that something will happen, or says that somebody has been told."""

import re
from collections.abc import Iterator

from core.api import Language
from notifications.texts import keys
from notifications.texts.catalogue import written

_SWEDISH = (
    r"(får|har fått|få|inget) (\w+ ){0,3}besked(et)?",
    r"(får|fått|fick) (\w+ ){0,2}veta",
    r"hör(s)? av (sig|oss)",
    r"(vi|kundservice|agenten|ni) (kontaktar|ringer|meddelar|informerar|hör)",
    r"(meddelas|underrättas|informeras|tillfrågas|kontaktas|gallras|prövas)",
    r"påminn(s|er)|påminnelse\w*",
    r"(mejlen|meddelandet|instruktionen|frågan|motiveringen|länkar) skickas|skickas (meddelandet|mejlen|dit|via)",
    r"skickar (\w+ ){0,2}instruktion|(vi )?har skickat (de|ett|en)",
    r"får (\w+ ){0,5}(meddelande\w*|mejl\w*|instruktion\w*|länk\w*|frågan|frågor|inbjudan)",
    r"(kommer|går) (nu |först |sedan |därefter )?(hit|till|vidare|tillbaka|ut)",
    r"går (beställningen|uppsägningen|ärendet|ansökan|den|det) (\w+ ){0,2}(till|vidare|tillbaka|ut)",
    r"av sig själva?",
    r"(annars|utan svar) avslutas|utan svar|avslutas \{day\}",
    r"får \{agent\} börja",
    r"ser till att priset",
    r"(börjar|börja) (beställningen|uppsägningen) om|börjar den om|börjar om från",
    r"ersätts upphör|anslutningen upphör",
    r"eskaler\w*",
    r"kommer att",
)
_ENGLISH = (
    r"will (?!you)\w+",
    r"(is|are|been|be|was) (told|notified|reminded|contacted|judged)",
    r"(is|are|been) asked",
    r"hears? (from|here|of|when)|get(s)? back to",
    r"remind(er|ers|ed|s)",
    r"(is|are) sent (to|as|by|gradually|again|there|when)|we have sent",
    r"sends (you |the |them )?(instructions?|a link|an e-mail)",
    r"(gets?|receives?) (a|an|the|new) (new |personal )?(message|e-mail|link|invitation|question|same questions)",
    r"gets? (instructions|links|e-mail|their roles)",
    r"(goes|go) (now |first |then )?(back )?to",
    r"goes? on by (itself|themselves)|by itself",
    r"(contacts|tells|informs) (you|the agent|them)",
    r"(expires?|ends|closes) (on )?(\{day\}|unless)|otherwise the (order|termination|application)",
    r"starts again|begins (again|anew) from",
    r"sees to it",
    r"attest, \{agent\} may begin",
    r"(replaced|connection) ends",
    r"escalat\w*",
)
WORDS = {
    Language.SV: re.compile(rf"\b({'|'.join(_SWEDISH)})\b", re.IGNORECASE),
    Language.EN: re.compile(rf"\b({'|'.join(_ENGLISH)})(?!\w)", re.IGNORECASE),
}


def promises(language: Language, sentence: str) -> bool:
    """Say whether a sentence has words that promise something."""
    return WORDS[language].search(sentence) is not None


def promising() -> Iterator[str]:
    """Yield the key of every sentence that promises something, in either language."""
    return (key for key in sorted(keys()) if any(promises(each, written(each, key)) for each in Language))
