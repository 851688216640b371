"""Phrases: what is said and understood where an agent's files have no words for it, by language."""

from __future__ import annotations

import re
from typing import NamedTuple

_FLAGS = re.IGNORECASE


class Phrases(NamedTuple):
    """The phrases of one language. `{what}` stands for a name or a list; the patterns are searched in what is said.

    `asks` finds what a text asks for, in its group, and `both` what stands between the parts of that; `looking`, that
    something is looked for now.

    `numbers` are the words for 0, 1, 2 and so on; `little` those that say little of what a sentence is about.
    """

    greeting: str
    unheard: str
    unknown: str
    offering: str
    handing: str
    ending: str
    asking: str
    confirming: str
    left: str
    found: str
    noted: str
    yes: re.Pattern[str]
    no: re.Pattern[str]
    transfer: re.Pattern[str]
    person: re.Pattern[str]
    at_once: re.Pattern[str]
    condition: re.Pattern[str]
    day: re.Pattern[str]
    time: re.Pattern[str]
    lead_in: re.Pattern[str]
    asks: re.Pattern[str]
    both: re.Pattern[str]
    looking: re.Pattern[str]
    numbers: str
    little: str


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})\b", _FLAGS)


_ISO_DAY = r"\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?"
_CLOCK = r"\d{1,2}[:.]\d{2}"
_ENGLISH_NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve"
_ENGLISH_HOURS = rf"\d{{1,2}}|{'|'.join(_ENGLISH_NUMBERS.split()[1:])}"

_ENGLISH_MONTHS = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?"
_ENGLISH_DAY = (
    rf"\d{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{_ENGLISH_MONTHS}|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?: \d{{4}})?"
)

ENGLISH = Phrases(
    greeting="Hello, how can I help you?",
    unheard="I did not catch that. Could you say it again?",
    unknown="I have no answer to that. Could you put it in other words?",
    offering="What can I do for you?",
    handing="I am putting you through to {what}. Please stay on the line.",
    ending="Thank you for calling. Goodbye.",
    asking="May I have this: {what}?",
    confirming="Shall I go ahead with {what}?",
    left="Then I leave it as it is.",
    found="Here is what I found: {what}.",
    noted="Thank you. I have noted this: {what}.",
    yes=_pattern("yes|yeah|yep|sure|ok|okay|please do|go ahead|correct|right"),
    no=_pattern("no|nope|not now|don't|do not|never mind"),
    transfer=_pattern("put me through|connect me|transfer me|pass me|(?:speak|talk) (?:to|with)|hand me over"),
    person=_pattern("person|human(?: being)?|somebody|someone|anybody|operator|real agent|representative"),
    at_once=_pattern("at once|immediately|always|straight away|right away"),
    condition=_pattern("if|when|whenever|unless|once|after|while|until"),
    day=_pattern(
        rf"{_ISO_DAY}|{_ENGLISH_DAY}|today|tonight|tomorrow"
        r"|(?:(?:next|this|on) )?(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    ),
    time=_pattern(
        rf"(?:at |around )?(?:{_CLOCK}|\d{{1,2}} ?(?:am|pm|o'clock))|(?:at|around) (?:half past |(?:a )?quarter "
        rf"(?:past|to) )?(?:{_ENGLISH_HOURS})(?: o'clock)?|noon|midnight"
    ),
    lead_in=re.compile(r"^\s*(?:my name is|the name is|name is|it is|it's|i am|i'm|this is|for|under)\s+", _FLAGS),
    asks=re.compile(
        r"\b(?:tell me|give me|let me know|(?:I|we)(?: will|'ll)? need|(?:may|can|could) I have)\s+([^.?!\n]+)", _FLAGS
    ),
    both=re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+(?=(?:the|your|a|an|when|how|which|what)\b)", _FLAGS),
    looking=_pattern(
        "let me (?:have a )?(?:look|check|see|find|search|fetch)|(?:I'll|I will) (?:look|check|find|search|fetch)"
        "|(?:one|a|just a) moment"
    ),
    numbers=_ENGLISH_NUMBERS,
    little=(
        "a about all also am an and any are as at be been but by bye can could d did do does doing don er for from "
        "get goodbye got had has have he hello her hey hi him his hm hmm i if im in is it its just let like ll m may "
        "me might mine my of off ok okay on or our out please re s she should so some t tell than thank thanks that "
        "the their them then there these they this those to uh um up us ve very want was we well were will wish with "
        "what which would yes you your"
    ),
)
GERMAN = Phrases(
    greeting="Guten Tag, wie kann ich Ihnen helfen?",
    unheard="Das habe ich nicht verstanden. Können Sie es noch einmal sagen?",
    unknown="Darauf habe ich keine Antwort. Können Sie es anders sagen?",
    offering="Was kann ich für Sie tun?",
    handing="Ich verbinde Sie: {what}. Bitte bleiben Sie am Apparat.",
    ending="Danke für Ihren Anruf. Auf Wiederhören.",
    asking="Sagen Sie mir bitte: {what}?",
    confirming="Soll ich das tun: {what}?",
    left="Dann lasse ich es, wie es ist.",
    found="Das habe ich gefunden: {what}.",
    noted="Danke. Das habe ich notiert: {what}.",
    yes=_pattern("ja|jawohl|gerne|gern|bitte|okay|ok|richtig|genau"),
    no=_pattern("nein|nee|nicht|lieber nicht"),
    transfer=_pattern("verbinden|durchstellen|weiterleiten|sprechen|reden"),
    person=_pattern("menschen?|mitarbeiter(?:in)?|jemand(?:em|en)?|person"),
    at_once=_pattern("sofort|immer|gleich|unverzüglich"),
    condition=_pattern("wenn|falls|sobald|nachdem|solange|bis"),
    day=_pattern(
        rf"{_ISO_DAY}|(?:am |nächsten )?(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)"
        r"|heute(?: abend)?|morgen|übermorgen"
    ),
    time=_pattern(
        rf"(?:um |gegen )?{_CLOCK}|(?:um |gegen )?\d{{1,2}} uhr(?: \d{{1,2}})?|(?:um|gegen) (?:halb )?\w+|mittags?"
    ),
    lead_in=re.compile(r"^\s*(?:mein name ist|ich heiße|ich bin|auf den namen|auf|es ist|für)\s+", _FLAGS),
    asks=re.compile(r"\b(?:(?:sagen|nennen|geben) Sie mir|(?:ich|wir) brauchen?)(?: bitte)?\s+([^.?!\n]+)", _FLAGS),
    both=re.compile(r"\s*,\s*(?:und\s+)?|\s+und\s+(?=(?:den|die|das|der|Ihren?|eine?n?|wann|wie)\b)", _FLAGS),
    looking=_pattern(
        "ich (?:sehe|schaue|prüfe|suche)|lassen Sie mich (?:nachsehen|nachschauen|sehen|schauen|prüfen)"
        "|(?:einen|ein) (?:Moment|Augenblick)"
    ),
    numbers="null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    little=(
        "aber alle als also am an auch auf aus bei bin bitte da das dass dem den der des die dies diese doch du ein "
        "eine einem einen einer es etwas für gerne haben hallo hat hätte ich ihr im in ist ja kann können könnte mal "
        "man mein meine mich mir mit möchte noch oder schon sein sich sie sind so um und uns von war was wie wir wird "
        "würde zu zum zur"
    ),
)
FRENCH = Phrases(
    greeting="Bonjour, comment puis-je vous aider ?",
    unheard="Je n'ai pas compris. Pouvez-vous répéter ?",
    unknown="Je n'ai pas de réponse à cela. Pouvez-vous le dire autrement ?",
    offering="Que puis-je faire pour vous ?",
    handing="Je vous passe {what}. Restez en ligne, s'il vous plaît.",
    ending="Merci de votre appel. Au revoir.",
    asking="Pouvez-vous me donner ceci : {what} ?",
    confirming="Dois-je continuer : {what} ?",
    left="Alors je n'y change rien.",
    found="Voici ce que j'ai trouvé : {what}.",
    noted="Merci. Voici ce que j'ai noté : {what}.",
    yes=_pattern("oui|d'accord|volontiers|bien sûr|ok|exact"),
    no=_pattern("non|pas maintenant|surtout pas"),
    transfer=_pattern("passez-moi|passer|transférer|parler (?:à|avec)"),
    person=_pattern("personne|quelqu'un|humain|conseillère?|opérateur"),
    at_once=_pattern("tout de suite|immédiatement|toujours|aussitôt"),
    condition=_pattern("si|quand|lorsque|dès que|après|jusqu'à"),
    day=_pattern(rf"{_ISO_DAY}|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|aujourd'hui|ce soir|demain"),
    time=_pattern(rf"(?:à |vers )?{_CLOCK}|(?:à |vers )?\d{{1,2}} ?(?:h|heures?)(?: \d{{1,2}})?|midi|minuit"),
    lead_in=re.compile(r"^\s*(?:je m'appelle|mon nom est|c'est|au nom de|pour)\s+", _FLAGS),
    asks=re.compile(r"\b(?:(?:dites|donnez|indiquez)-moi|j'ai besoin de)\s+([^.?!\n]+)", _FLAGS),
    both=re.compile(r"\s*,\s*(?:et\s+)?|\s+et\s+(?=(?:le|la|les|l'|votre|un|une|quand)\b)", _FLAGS),
    looking=_pattern(
        "je (?:regarde|vérifie|cherche|consulte)|(?:je vais|laissez-moi) (?:regarder|vérifier|chercher|consulter)"
        "|un (?:moment|instant)"
    ),
    numbers="zéro un deux trois quatre cinq six sept huit neuf dix onze douze",
    little=(
        "a ai au aux avec avez bonjour c ce ces cette d dans de des du elle en est et il ils j je l la le les leur ma "
        "mais me mes moi mon n ne nous on ou par pas peut peux plus pour pouvez puis qu que qui s sa se ses si son "
        "sont suis sur t te tu un une veux vos votre voudrais vous y être"
    ),
)
SPANISH = Phrases(
    greeting="Hola, ¿en qué puedo ayudarle?",
    unheard="No le he entendido. ¿Puede repetirlo?",
    unknown="No tengo respuesta a eso. ¿Puede decirlo de otra manera?",
    offering="¿Qué puedo hacer por usted?",
    handing="Le paso con {what}. No cuelgue, por favor.",
    ending="Gracias por llamar. Adiós.",
    asking="¿Puede darme esto: {what}?",
    confirming="¿Sigo adelante con {what}?",
    left="Entonces lo dejo como está.",
    found="Esto es lo que he encontrado: {what}.",
    noted="Gracias. He anotado esto: {what}.",
    yes=_pattern("sí|si|claro|vale|de acuerdo|por favor|correcto"),
    no=_pattern("no|ahora no|mejor no"),
    transfer=_pattern("páseme|pasarme|pongame|póngame|hablar con|transferir"),
    person=_pattern("persona|alguien|humano|operadora?|agente"),
    at_once=_pattern("en seguida|enseguida|inmediatamente|siempre"),
    condition=_pattern("si|cuando|en cuanto|después|mientras|hasta"),
    day=_pattern(rf"{_ISO_DAY}|lunes|martes|miércoles|jueves|viernes|sábado|domingo|hoy|esta noche|mañana"),
    time=_pattern(rf"(?:a las? )?{_CLOCK}|(?:a las?|sobre las?) \w+(?: y (?:media|cuarto))?|mediodía|medianoche"),
    lead_in=re.compile(r"^\s*(?:me llamo|mi nombre es|soy|a nombre de|es|para)\s+", _FLAGS),
    asks=re.compile(r"\b(?:d[ií]game|deme|indíqueme|necesito)\s+([^.?!\n]+)", _FLAGS),
    both=re.compile(r"\s*,\s*(?:y\s+)?|\s+y\s+(?=(?:el|la|los|las|su|un|una|cuándo)\b)", _FLAGS),
    looking=_pattern(
        "(?:voy a|déjeme|permítame) (?:mirar|ver|comprobar|buscar|consultar)(?:lo|la)?|un (?:momento|instante)"
    ),
    numbers="cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce",
    little=(
        "a al algo ante con de del e el ella ellos en es esa ese eso esta este esto favor ha hay hola la las le les "
        "lo los me mi mis muy no nos o para pero por puede puedo que quiero quisiera se si sin su sus te tengo tiene "
        "tienen tu un una unos y ya yo qué cuál"
    ),
)
_LANGUAGES = {"de": GERMAN, "en": ENGLISH, "es": SPANISH, "fr": FRENCH}


def phrases_of(language: str | None) -> Phrases:
    """The phrases for a language tag such as en-GB; the English ones where there are none."""
    return _LANGUAGES.get((language or "en").partition("-")[0].lower(), ENGLISH)
