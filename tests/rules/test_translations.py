"""What a sentence speaks of is the same in both languages: whom, what papers, what deeds, in the same order.

A word that is exchanged in one language alone, the agent's for the customer's, stands out beside the other.
"""

import re
from pathlib import Path

import pytest
import yaml

from core.api import Language
from notifications.texts import keys, say
from notifications.texts.catalogue import written
from tests.scenes import SV

# What is spoken of, in Swedish and in English; the first that fits a place is taken.
SUBJECTS = {
    "the command": (r"/?kundportal (\w+-)?\w+|/kundportal", r"/?kundportal (\w+-)?\w+|/kundportal"),
    "the portal": (r"kundportal\w*", r"(the )?customer portal|kundportal\w*"),
    "a category": (r"kundkategori\w*", r"customer categor\w+"),
    "customer service": (r"(ineras )?kundservices?", r"(inera(.s)? )?customer service"),
    "a reserve attestant": (r"reservattestant\w*", r"reserve attestants?"),
    "an attestant": (r"attestant\w*", r"attestants?"),
    "a signatory": (r"firmatecknar\w*", r"signator(y|ies)"),
    "an administrator": (r"administratör\w*", r"administrators?"),
    "a substitute": (r"ersätt(a|er|are|aren)\b", r"substitut\w+"),
    "an assignment": (r"(agent)?uppdrag\w*", r"(agent )?assignments?"),
    "an agreement with agents": (r"agentavtal\w*", r"agent agreements?( \(agentavtal\))?"),
    "an agreement with customers": (r"kundavtal\w*", r"customer agreements?( \(kundavtal\))?"),
    "an agreement": (r"(personuppgiftsbiträdes)?avtal\w*", r"((data processing|that) )?agreements?"),
    "an agent's application": (r"agentansökan", r"agent application"),
    "a customer's application": (r"kundansökan", r"customer application"),
    "an application": (r"ansökan|ansökning\w*", r"applications?"),
    "an agent": (r"agent(en|ens|er|s)?", r"agents?"),
    "a customer": (r"kund(en|ens|er|erna|ers|s)?", r"customers?"),
    "an organisation": (r"organisation\w*", r"organisations?"),
    "a care unit": (r"(vård)?enhet(en|ens|er|erna)?", r"(care )?units?"),
    "a contact": (r"(kontakt(a|ar|en|er|erna|personer\w*)?)", r"contacts?"),
    "to attest": (r"attest(en|er|era|erad|erade|erades|erar|erat)?", r"attest(s|ed|ing)?"),
    "to order": (r"\w*beställ\w*", r"(?<!in )orders?|ordered|orderers?|ordering"),
    "to sign": (
        r"(skriv(er|it|a|s|as|its)?|skrevs?)( \S+)? under|(under)?teckn\w*|underskri\w*|sign(er|atur)\w*",
        r"sign(s|ed|ing|atures?)?(?![ -](in|out))",
    ),
    "instructions": (r"instruktion\w*", r"instructions?"),
    "an invoice": (r"faktur\w*", r"invoice"),
    "a price": (r"pris\w*", r"prices?"),
    "a link": (r"länk\w*|koppl\w*", r"link\w*"),
    "mail": (r"mejl\w*|e-post\w*", r"e-?mail\w*|mails?"),
    "a role": (r"roll\w*", r"roles?"),
    "a version": (r"version\w*", r"versions?"),
    "a reason": (r"motiv\w*|orsak\w*|skäl\w*", r"reasons?"),
    "an e-ID": (r"e-legitimation\w*", r"e-id(entifications?)?"),
    "to approve": (r"godkän\w*", r"approv\w+|accept the"),
    "to withdraw": (r"(ta|tar|tog|tagit) tillbaka|tillbakatag\w*", r"withdr\w+"),
    "to pause": (r"paus\w*", r"paus\w+|on hold"),
    "to reject": (r"avslå\w*|avslag\w*|avslog|avböj\w*", r"reject\w*|declin\w*"),
    "to cancel": (r"avbryt\w*|avbröt\w*|avbrut\w*", r"cancel\w*"),
}
# Words that turn a sentence round: as often in either language.
TURNS = {
    "a denial": (
        r"inte|ej|ingen|inget|ingenting|inga|nej|aldrig|utan|varken|saknar?|saknas",
        r"not|no|none|never|nobody|nothing|without|cannot|neither|nor|missing|lacks?",
    ),
    "somebody else": (r"annan|annat|andra", r"others?|another|else|second|different"),
    "one's own": (r"egen|egna|eget|själva?", r"own|self|yourself|itself|themselves"),
    "the reader": (r"du|dig|din|ditt|dina|ni|er|ert|era", r"you|your|yours|yourself"),
    "what must be": (
        r"måste|behöver|behövs|krävs|kräver|ska",
        r"must|needs?|needed|required?|requires|has to|have to|asks for|is to|are to|shall",
    ),
    "a change": (r"ändra\w*", r"chang\w*"),
    "removing": (r"ta(?:r|s|gits)? bort|tog(?:s)? bort|borttag\w*", r"remov\w*|take away|taken away|takes away"),
    "adding": (
        r"lägg(?:as?|er|s)? (?:till|upp)|lagts? (?:till|upp)|lades? (?:till|upp)|tillag\w*",
        r"add|adds|added|adding",
    ),
    "that only": (r"bara|endast", r"only"),
    "going on": (r"fortsätt\w*|(?:går|gå|gått) vidare", r"continu\w*|go(?:es)? on|gone on|went on"),
    "running out": (r"g(?:å|år|ick|ått) ut|utgång(?:en|na|et)", r"expir\w*|run out|runs out|ran out"),
    "an end": (r"avsluta\w*|upphör\w*|slut(?:ar|at|a|ade)?", r"end(?:s|ed|ing)?|closed?|closes"),
    "sending": (r"skicka\w*", r"send(?:s|ing)?|sent"),
    "an answer": (r"svar\w*|besvar\w*", r"answer\w*|repl(?!ac)\w+|unanswered"),
    "today or tomorrow": (r"idag|i dag|i morgon", r"today|tomorrow"),
    "a limit": (r"\w*gräns\w*", r"limits?"),
    "a cost": (r"\w*kostnad\w*", r"costs?"),
    "the first": (r"först|första", r"first"),
    "the next": (r"nästa", r"next"),
    "everybody": (r"alla|allt|varje|varsin", r"all|every|everybody|each|everything"),
    "help": (r"hjälp\w*", r"help\w*"),
    "choosing": (r"välj\w*|vald\w*|valt|val(?:et)?", r"choos\w*|chose\w*|choice"),
    "writing": (r"skriv(?:a|er|s)?\b(?! under)", r"writ\w*|enter|type"),
    "reading": (r"läs(?:a|er|s|t|as|te)?", r"read(?:s|ing)?"),
    "opening": (r"öppn\w*", r"open(?:s|ed|ing)?"),
    "being registered": (r"registrera\w*", r"register\w*"),
    "telling": (r"berätta\w*|besked\w*|meddela\w*|f(?:å|år|ått|ick) veta", r"tell\w*|told|message\w*|hear(?:s|d)?"),
}
# Sentences that say the same with other words.
OTHERWISE: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("translations.yaml").read_text("utf-8"))


def patterns(words, language):
    """Finds each of some words, by the place that its name has among them."""
    at = 0 if language is SV else 1
    named = (rf"(?P<w{n}>\b(?:{each[at]})\b)" for n, each in enumerate(words.values()))
    return re.compile("|".join(named), re.IGNORECASE)


SUBJECTS_OF = {language: patterns(SUBJECTS, language) for language in Language}


def plain(language, key):
    """A sentence without its placeholders, whose names are no words of it."""
    spoken = re.sub(r"\{customer_service\w*\}", say(language, "contact.name"), written(language, key))
    return re.sub(r"\{[^}]*\}", "{}", spoken)


def spoken_of(language, key):
    """The subjects of a sentence, in their order."""
    names = list(SUBJECTS)
    found = (each.groupdict() for each in SUBJECTS_OF[language].finditer(plain(language, key)))
    return [next(names[int(group[1:])] for group, words in each.items() if words) for each in found]


def turns(language, turn, key):
    """How often a sentence is turned round so."""
    words = rf"\b(?:{TURNS[turn][0 if language is SV else 1]})\b"
    return len(re.findall(words, plain(language, key), re.IGNORECASE))


def test_both_languages_speak_of_the_same_in_the_same_order():
    assert {key for key in keys() if spoken_of(SV, key) != spoken_of(Language.EN, key)} == set(
        OTHERWISE["what is spoken of"]
    )


@pytest.mark.parametrize("turn", TURNS)
def test_what_turns_a_sentence_round_does_so_in_both_languages(turn):
    differ = {key for key in keys() if turns(SV, turn, key) != turns(Language.EN, turn, key)}

    assert differ == set(OTHERWISE.get(turn, ()))


def test_both_languages_have_the_same_figures():
    assert {key: re.findall(r"\d+", plain(SV, key)) for key in keys()} == {
        key: re.findall(r"\d+", plain(Language.EN, key)) for key in keys()
    }
