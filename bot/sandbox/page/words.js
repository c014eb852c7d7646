// The page's own few words in Swedish and English, and its way of writing times.

const SV = {
  language: "sv",
  sandbox: "sandlåda",
  story: "Berättelsen",
  storyOver: "Klart!",
  otherStory: "Välj en annan berättelse",
  stories: "Följ en berättelse",
  storiesLead: "Personerna är valda, och nästa steg är markerat.",
  trouble: "Vi hade problem med att ansluta. Försök igen.",
  onlyYou: "Endast synligt för dig",
  edited: "(redigerat)",
  app: "APP",
  home: "Hem",
  messages: "Meddelanden",
  apps: "Appar",
  channels: "Kanaler",
  replies: (n) => (n === 1 ? "1 svar" : `${n} svar`),
  thread: "Tråd",
  replyInThread: "Svara i tråd",
  reply: "Svara…",
  newMessages: "Nytt",
  unread: (n) => (n === 1 ? "1 oläst" : `${n} olästa`),
  today: "Idag",
  yesterday: "Igår",
  writeTo: (name) => `Skriv till ${name}`,
  commandsOnly: "Skriv / för ett kommando",
  appReadsNothing: "Appen läser inga meddelanden. Skriv ett kommando, som börjar med /.",
  send: "Skicka",
  shortcuts: "Genvägar",
  noShortcuts: "Appen har inga genvägar",
  commands: "Kommandon",
  unknownCommand: (name) => `${name} är inget giltigt kommando.`,
  close: "Stäng",
  cancel: "Avbryt",
  back: "Tillbaka",
  optional: "(valfritt)",
  required: "Fyll i det här fältet.",
  tooShort: (n) => `Skriv minst ${n} tecken.`,
  tooLong: (n) => `Skriv högst ${n} tecken.`,
  badEmail: "Skriv en giltig e-postadress.",
  badUrl: "Skriv en giltig webbadress.",
  badNumber: "Skriv ett tal.",
  tooSmall: (n) => `Talet ska vara minst ${n}.`,
  tooBig: (n) => `Talet får vara högst ${n}.`,
  choose: "Välj ett alternativ",
  search: "Sök…",
  noMatches: "Inga träffar",
  typeMore: (n) => `Skriv minst ${n} tecken för att söka`,
  searching: "Söker…",
  remove: (name) => `Ta bort ${name}`,
  more: "Fler val",
  yes: "Ja",
  no: "Nej",
  sure: "Är du säker?",
  emptyHome: "Appen har inte lagt något här än.",
  emptyConversation: "Inga meddelanden än.",
  unsupported: (type) => `Visas inte här: ${type}`,
  image: "Bild",
  faults: "Fel",
  mails: "Mejl",
  mailLead: "Alla mejl som appen har skickat, till dem som inte nås i Slack. De stannar här.",
  emptyMails: "Inga mejl ännu.",
  mailRaw: "Rubriker och ren text",
  log: "Logg",
  sideBySide: "Sida vid sida",
  oneAtATime: "En i taget",
  choosePeople: "Välj personer",
  people: "Personer",
  chooserTitle: "Ett litet Slack i webbläsaren",
  chooserLead: "Välj vilka personer du vill se. Deras fönster ligger bredvid varandra och uppdateras av sig själva.",
  ownSlacks: "Varje grupp har en egen Slack.",
  withoutApp: (name) => `${name} (appen är inte installerad)`,
  chosen: (n) => (n === 1 ? "1 person vald" : `${n} personer valda`),
  chooseSomeone: "Välj minst en person.",
  alsoHere: "Fler personer finns i raden högst upp.",
  noWorld: "Sandlådan svarar inte. Försöker igen…",
  unknownPeople: "Adressen nämner ingen person som finns här.",
  offline: "Återansluter…",
  faultLead: "Det du slår på här händer appens anrop till Slack, eller Slacks anrop till appen.",
  active: "Påslaget",
  nothingActive: "Inga fel är påslagna.",
  addFault: "Lägg till ett fel",
  kind: "Vad som händer",
  method: "Metod",
  channel: "Kanal",
  anyChannel: "Alla kanaler",
  times: "Antal gånger",
  untilRemoved: "tills det tas bort",
  timesLeft: (n) => (n === 1 ? "1 gång kvar" : `${n} gånger kvar`),
  retryAfter: "Retry-After (s)",
  add: "Lägg till",
  turnOff: "Slå av",
  limits: "Hastighetsgränser som i Slack",
  archived: "Arkiverade kanaler",
  revoked: "Återkallad token",
  emptyAll: "Töm sandlådan",
  emptyAllSure: "Alla meddelanden, vyer, fel och loggar tas bort.",
  logLead: "Det senaste som gick mellan appen och Slack.",
  calls: "Anrop från appen",
  deliveries: "Leveranser till appen",
  emptyLog: "Inget har hänt än.",
  replay: "Skicka igen",
  replayFresh: "Skicka igen med ny signatur",
  replayed: (status) => `Svar: ${status}`,
  kinds: {
    ratelimited: "För många anrop (429)",
    server_error: "Serverfel hos Slack (5xx)",
    timeout_before: "Inget svar, inget hände",
    timeout_after: "Inget svar, men det hände",
    drop_after: "Avbruten anslutning, men det hände",
    late: "Svaret dröjer tio sekunder",
    duplicate_delivery: "Nästa leverans kommer två gånger",
  },
};

const EN = {
  language: "en",
  sandbox: "sandbox",
  story: "The story",
  storyOver: "Done!",
  otherStory: "Choose another story",
  stories: "Follow a story",
  storiesLead: "The people are chosen, and the next step is marked.",
  trouble: "We had some trouble connecting. Try again.",
  onlyYou: "Only visible to you",
  edited: "(edited)",
  app: "APP",
  home: "Home",
  messages: "Messages",
  apps: "Apps",
  channels: "Channels",
  replies: (n) => (n === 1 ? "1 reply" : `${n} replies`),
  thread: "Thread",
  replyInThread: "Reply in thread",
  reply: "Reply…",
  newMessages: "New",
  unread: (n) => `${n} unread`,
  today: "Today",
  yesterday: "Yesterday",
  writeTo: (name) => `Message ${name}`,
  commandsOnly: "Type / for a command",
  appReadsNothing: "The app reads no messages. Type a command, which begins with /.",
  send: "Send",
  shortcuts: "Shortcuts",
  noShortcuts: "The app has no shortcuts",
  commands: "Commands",
  unknownCommand: (name) => `${name} is not a valid command.`,
  close: "Close",
  cancel: "Cancel",
  back: "Back",
  optional: "(optional)",
  required: "Please complete this field.",
  tooShort: (n) => `Use at least ${n} characters.`,
  tooLong: (n) => `Use at most ${n} characters.`,
  badEmail: "Enter a valid email address.",
  badUrl: "Enter a valid URL.",
  badNumber: "Enter a number.",
  tooSmall: (n) => `The number must be at least ${n}.`,
  tooBig: (n) => `The number must be at most ${n}.`,
  choose: "Select an option",
  search: "Search…",
  noMatches: "No results",
  typeMore: (n) => `Type at least ${n} characters to search`,
  searching: "Searching…",
  remove: (name) => `Remove ${name}`,
  more: "More options",
  yes: "Yes",
  no: "No",
  sure: "Are you sure?",
  emptyHome: "The app has not put anything here yet.",
  emptyConversation: "No messages yet.",
  unsupported: (type) => `Not shown here: ${type}`,
  image: "Image",
  faults: "Faults",
  mails: "Mail",
  mailLead: "Every mail that the app has sent, to those who are not reached in Slack. They stay here.",
  emptyMails: "No mail yet.",
  mailRaw: "Headers and plain text",
  log: "Log",
  sideBySide: "Side by side",
  oneAtATime: "One at a time",
  choosePeople: "Choose people",
  people: "People",
  chooserTitle: "A small Slack in the browser",
  chooserLead: "Choose whom you want to see. Their windows lie side by side and update by themselves.",
  ownSlacks: "Each group has a Slack of its own.",
  withoutApp: (name) => `${name} (the app is not installed)`,
  chosen: (n) => (n === 1 ? "1 person chosen" : `${n} people chosen`),
  chooseSomeone: "Choose at least one person.",
  alsoHere: "More people are in the row at the top.",
  noWorld: "The sandbox does not answer. Trying again…",
  unknownPeople: "The address names nobody who is here.",
  offline: "Reconnecting…",
  faultLead: "What you switch on here happens to the app's calls to Slack, or to Slack's calls to the app.",
  active: "Switched on",
  nothingActive: "No faults are switched on.",
  addFault: "Add a fault",
  kind: "What happens",
  method: "Method",
  channel: "Channel",
  anyChannel: "All channels",
  times: "Times",
  untilRemoved: "until removed",
  timesLeft: (n) => (n === 1 ? "once more" : `${n} times more`),
  retryAfter: "Retry-After (s)",
  add: "Add",
  turnOff: "Switch off",
  limits: "Rate limits as in Slack",
  archived: "Archived channels",
  revoked: "Revoked token",
  emptyAll: "Empty the sandbox",
  emptyAllSure: "All messages, views, faults and logs are removed.",
  logLead: "The latest that went between the app and Slack.",
  calls: "Calls from the app",
  deliveries: "Deliveries to the app",
  emptyLog: "Nothing has happened yet.",
  replay: "Send again",
  replayFresh: "Send again, signed anew",
  replayed: (status) => `Answer: ${status}`,
  kinds: {
    ratelimited: "Too many calls (429)",
    server_error: "Server error at Slack (5xx)",
    timeout_before: "No answer, nothing happened",
    timeout_after: "No answer, but it happened",
    drop_after: "Connection cut, but it happened",
    late: "The answer takes ten seconds",
    duplicate_delivery: "The next delivery comes twice",
  },
};

const SAID_BESIDE = ["The app did not answer. Try again?", "We had some trouble connecting. Try again?"];

EN.ofServer = (text) => (SAID_BESIDE.includes(text) ? null : text);

const TRANSLATED = [
  [/^(\S+) is not a valid command\.$/, (name) => SV.unknownCommand(name)],
  [/^(\S+) failed with the error "(\w+)"$/, (name, error) => `${name} misslyckades med felet ”${error}”.`],
  [/^(.+) did not answer\. Try again\?$/, (name) => `${name} svarade inte. Försök igen.`],
  [/^This app is not configured/, () => "Appen är inte inställd för att ta emot svar."],
];

SV.ofServer = (text) => {
  if (SAID_BESIDE.includes(text)) return null;
  for (const [pattern, words] of TRANSLATED) {
    const match = pattern.exec(text);
    if (match) return words(...match.slice(1));
  }
  return text;
};

export function wordsFor(locale) {
  return isSwedish(locale) ? SV : EN;
}

// The page itself speaks the browser's language; each person's window speaks that person's.
export const pageWords = wordsFor(navigator.language);

export function inWords(said, words) {
  return typeof said === "string" ? said : (said?.[words.language] ?? said?.sv ?? "");
}

function isSwedish(locale) {
  return !locale || locale.toLowerCase().startsWith("sv");
}

const ZONE = "Europe/Stockholm";

function format(epoch, locale, options) {
  return new Intl.DateTimeFormat(isSwedish(locale) ? "sv-SE" : "en-GB", { timeZone: ZONE, ...options }).format(new Date(epoch * 1000));
}

export function hourAndMinute(epoch, locale) {
  const time = format(epoch, locale, { hour: "2-digit", minute: "2-digit", hour12: false });
  return isSwedish(locale) ? time.replace(":", ".") : time;
}

export function clock(epoch, locale) {
  return isSwedish(locale) ? `kl. ${hourAndMinute(epoch, locale)}` : hourAndMinute(epoch, locale);
}

export function clockWithSeconds(epoch, locale) {
  const time = format(epoch, locale, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
  return isSwedish(locale) ? time.replaceAll(":", ".") : time;
}

export function dayKey(epoch) {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE }).format(new Date(epoch * 1000));
}

export function dayName(epoch, locale) {
  const words = wordsFor(locale);
  const now = Date.now() / 1000;
  if (dayKey(epoch) === dayKey(now)) return words.today;
  if (dayKey(epoch) === dayKey(now - 86400)) return words.yesterday;
  return format(epoch, locale, { weekday: "long", day: "numeric", month: "long" });
}

const DATES = {
  date_num: (epoch) => dayKey(epoch),
  date_slash: (epoch) => format(epoch, "en", { day: "2-digit", month: "2-digit", year: "numeric" }),
  date: (epoch, locale) => format(epoch, locale, { day: "numeric", month: "long", year: "numeric" }),
  date_short: (epoch, locale) => format(epoch, locale, { day: "numeric", month: "short", year: "numeric" }),
  date_long: (epoch, locale) => format(epoch, locale, { weekday: "long", day: "numeric", month: "long", year: "numeric" }),
  time: hourAndMinute,
  time_secs: clockWithSeconds,
};

// Slack's date tokens: <!date^1764074000^{date_short} {time}|fallback>
export function dateToken(epoch, pattern, locale) {
  return pattern.replace(/\{(\w+?)(_pretty)?\}/g, (whole, name, pretty) => {
    if (!DATES[name]) return whole;
    return pretty ? prettyDate(epoch, name, locale) : DATES[name](epoch, locale);
  });
}

function prettyDate(epoch, name, locale) {
  const near = dayName(epoch, locale);
  const words = wordsFor(locale);
  return near === words.today || near === words.yesterday ? near.toLowerCase() : DATES[name](epoch, locale);
}
