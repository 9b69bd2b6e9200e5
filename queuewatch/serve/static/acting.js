// Who acts: whose token it is; where a token has no name, or none is needed, the name that somebody types and we remember.

import { h } from "/static/dom.js";
import { t } from "/static/words.js";

const NAME = "queuewatch.name";

// What stands on the page, and `by()`: the name that is sent along, none where the token says it; null while it is
// missing, which is then asked for.
export function actor(id, who) {
  if (who.name !== null) return { parts: [h("p", { class: "soft whole" }, t("acting_as", { name: who.name }))], by: () => undefined };
  const field = h("input", { id, required: true, maxLength: 80, autocomplete: "name", value: localStorage.getItem(NAME) ?? "" });
  const by = () => {
    if (!field.reportValidity()) return null;
    localStorage.setItem(NAME, field.value.trim());
    return field.value.trim();
  };
  return { parts: [h("label", { htmlFor: id }, t("your_name")), field], by };
}
