// The state an element starts with, in Slack's own shape, and what makes a state unfit to send.

const START = {
  plain_text_input: (element) => ({ value: element.initial_value ?? null }),
  email_text_input: (element) => ({ value: element.initial_value ?? null }),
  url_text_input: (element) => ({ value: element.initial_value ?? null }),
  number_input: (element) => ({ value: element.initial_value ?? null }),
  static_select: (element) => ({ selected_option: element.initial_option ?? null }),
  external_select: (element) => ({ selected_option: element.initial_option ?? null }),
  radio_buttons: (element) => ({ selected_option: element.initial_option ?? null }),
  multi_static_select: (element) => ({ selected_options: element.initial_options ?? [] }),
  multi_external_select: (element) => ({ selected_options: element.initial_options ?? [] }),
  checkboxes: (element) => ({ selected_options: element.initial_options ?? [] }),
  users_select: (element) => ({ selected_user: element.initial_user ?? null }),
  multi_users_select: (element) => ({ selected_users: element.initial_users ?? [] }),
  conversations_select: (element) => ({ selected_conversation: element.initial_conversation ?? null }),
  datepicker: (element) => ({ selected_date: element.initial_date ?? null }),
  timepicker: (element) => ({ selected_time: element.initial_time ?? null }),
};

export function initialState(element) {
  const start = START[element.type];
  return start ? { type: element.type, ...start(element) } : null;
}

function isEmpty(state) {
  const { type, ...fields } = state;
  return Object.values(fields).every((value) => value === null || value === "" || (Array.isArray(value) && value.length === 0));
}

// The sentence that stands beside an input that may not be sent yet, or null.
export function mistake(block, state, words) {
  if (!state) return null;
  if (isEmpty(state)) return block.optional ? null : words.required;
  return CHECKS[state.type]?.(block.element, state.value, words) ?? null;
}

const CHECKS = {
  plain_text_input: (element, value, words) => {
    if (element.min_length && value.length < element.min_length) return words.tooShort(element.min_length);
    if (element.max_length && value.length > element.max_length) return words.tooLong(element.max_length);
    return value.trim() === "" ? words.required : null;
  },
  email_text_input: (_, value, words) => (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value) ? null : words.badEmail),
  url_text_input: (_, value, words) => (/^https?:\/\/\S+$/i.test(value) ? null : words.badUrl),
  number_input: (element, value, words) => numberMistake(element, value.replace(",", "."), words),
};

function numberMistake(element, value, words) {
  const whole = /^-?\d+$/.test(value);
  const broken = /^-?\d+\.\d+$/.test(value);
  if (!whole && !(element.is_decimal_allowed && broken)) return words.badNumber;
  if (element.min_value !== undefined && Number(value) < Number(element.min_value)) return words.tooSmall(element.min_value);
  if (element.max_value !== undefined && Number(value) > Number(element.max_value)) return words.tooBig(element.max_value);
  return null;
}
