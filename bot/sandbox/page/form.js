// What a person has typed or chosen in one view or message, by block_id and action_id; it survives redraws.

export class Form {
  // values: what the server already knows, in the shape of view.state.values
  constructor(values = {}) {
    this.states = new Map();
    this.rules = new Map();
    for (const [blockId, actions] of Object.entries(values)) {
      for (const [actionId, state] of Object.entries(actions)) this.set(blockId, actionId, state);
    }
  }

  // Gives back what the person had, or takes the first value the app asked for.
  start(blockId, actionId, initial) {
    const key = keyOf(blockId, actionId);
    const kept = this.states.get(key);
    if (kept && kept.type === initial.type) return kept;
    this.states.set(key, initial);
    return initial;
  }

  get(blockId, actionId) {
    return this.states.get(keyOf(blockId, actionId));
  }

  set(blockId, actionId, state) {
    this.states.set(keyOf(blockId, actionId), state);
  }

  // A rule answers with a sentence when the state may not be sent.
  require(blockId, actionId, rule) {
    this.rules.set(keyOf(blockId, actionId), rule);
  }

  beginDrawing() {
    this.rules.clear();
  }

  keepOnly(blocks) {
    const drawn = new Set(blocks.flatMap((block) => elementsOf(block).map((element) => keyOf(block.block_id, element.action_id))));
    for (const key of this.states.keys()) if (!drawn.has(key)) this.states.delete(key);
  }

  values() {
    const values = {};
    for (const [key, state] of this.states) {
      const [blockId, actionId] = JSON.parse(key);
      (values[blockId] ??= {})[actionId] = state;
    }
    return values;
  }

  mistakes() {
    const errors = {};
    for (const [key, rule] of this.rules) {
      const error = rule(this.states.get(key));
      if (error) errors[JSON.parse(key)[0]] ??= error;
    }
    return errors;
  }
}

function keyOf(blockId, actionId) {
  return JSON.stringify([blockId, actionId]);
}

function elementsOf(block) {
  return [block.element, block.accessory, ...(block.elements ?? [])].filter((element) => element?.action_id);
}
