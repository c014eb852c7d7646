// The few emoji an approvals app uses, by Slack's names.

const EMOJI = {
  white_check_mark: "✅", heavy_check_mark: "✔️", ballot_box_with_check: "☑️", x: "❌", no_entry: "⛔", no_entry_sign: "🚫",
  negative_squared_cross_mark: "❎", warning: "⚠️", information_source: "ℹ️", question: "❓", exclamation: "❗",
  hourglass: "⌛", hourglass_flowing_sand: "⏳", alarm_clock: "⏰", stopwatch: "⏱️", clock1: "🕐", clock3: "🕒", clock9: "🕘",
  calendar: "📆", date: "📅", spiral_calendar_pad: "🗓️", bell: "🔔", no_bell: "🔕", lock: "🔒", unlock: "🔓", key: "🔑",
  memo: "📝", pencil: "📝", pencil2: "✏️", page_facing_up: "📄", clipboard: "📋", file_folder: "📁", package: "📦",
  inbox_tray: "📥", outbox_tray: "📤", email: "📧", envelope: "✉️", incoming_envelope: "📨", link: "🔗", paperclip: "📎",
  arrow_right: "➡️", arrow_left: "⬅️", arrow_up: "⬆️", arrow_down: "⬇️", leftwards_arrow_with_hook: "↩️", repeat: "🔁",
  arrows_counterclockwise: "🔄", large_green_circle: "🟢", large_yellow_circle: "🟡", large_orange_circle: "🟠",
  red_circle: "🔴", large_blue_circle: "🔵", white_circle: "⚪", black_circle: "⚫", radio_button: "🔘",
  eyes: "👀", wave: "👋", pray: "🙏", clap: "👏", "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", ok_hand: "👌",
  point_right: "👉", raised_hand: "✋", tada: "🎉", rocket: "🚀", star: "⭐", sparkles: "✨", bulb: "💡", mag: "🔍", zap: "⚡",
  heart: "❤️", smile: "😄", slightly_smiling_face: "🙂", thinking_face: "🤔", robot_face: "🤖", hospital: "🏥", office: "🏢",
  briefcase: "💼", bust_in_silhouette: "👤", busts_in_silhouette: "👥", moneybag: "💰", receipt: "🧾", scales: "⚖️", shield: "🛡️",
  construction: "🚧", wrench: "🔧", gear: "⚙️", speech_balloon: "💬", mega: "📣", loudspeaker: "📢", checkered_flag: "🏁",
};

export function emojiFor(name) {
  return Object.hasOwn(EMOJI, name) ? EMOJI[name] : null;
}
