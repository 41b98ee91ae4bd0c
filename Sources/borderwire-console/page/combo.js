// A field in which one types any name and picks what was meant (WAI-ARIA combobox with a list box). Works with a keyboard alone.
import { el, setAria } from "./dom.js";
import { t } from "./strings.js";

const MOST = 8;

/**
 * @param {string} id of the input
 * @param {(typed: string) => {value: string, text: string, lang: string, hint?: string}[]} suggest
 * @param {(choice: object) => void} pick
 * @param {boolean} isFree whether what is typed may stand though it is none of the list
 * @returns {{element: HTMLElement, input: HTMLInputElement}}
 */
export function combo(id, suggest, pick, isFree) {
  const list = el("ul", { id: `${id}-list`, hidden: true, role: "listbox", aria: { label: t("suggestions") } });
  const input = el("input", {
    id, type: "text", autocomplete: "off", spellcheck: false, role: "combobox",
    aria: { expanded: "false", controls: list.id, autocomplete: "list" },
  });
  let choices = [];
  let active = -1;

  const close = () => {
    list.hidden = true;
    active = -1;
    setAria(input, { expanded: "false", activedescendant: null });
  };
  const mark = (at) => {
    active = at;
    [...list.children].forEach((option, index) => setAria(option, { selected: String(index === at) }));
    setAria(input, { activedescendant: at >= 0 ? list.children[at].id : null });
    list.children[at]?.scrollIntoView({ block: "nearest" });
  };
  const choose = (at) => {
    const choice = choices[at];
    close();
    if (choice) pick(choice);
  };
  const open = () => {
    choices = suggest(input.value).slice(0, MOST);
    list.replaceChildren(
      ...choices.map((choice, at) =>
        el("li", { id: `${id}-${at}`, role: "option", lang: choice.lang, aria: { selected: "false" }, on: {
          // Before the field loses its focus, which would close the list.
          mousedown: (event) => {
            event.preventDefault();
            choose(at);
          },
        } }, choice.text, choice.hint && el("small", {}, ` ${choice.hint}`))
      )
    );
    list.hidden = !choices.length;
    setAria(input, { expanded: String(choices.length > 0) });
    mark(choices.length && input.value && !isFree ? 0 : -1);
  };

  input.addEventListener("input", open);
  input.addEventListener("click", open);
  input.addEventListener("blur", () => {
    // Whoever typed a name in full and went on meant it.
    const exact = input.value && choices.length === 1 && !list.hidden ? 0 : active;
    if (!isFree && input.value && exact >= 0) choose(exact);
    close();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return open();
      mark((active + (event.key === "ArrowDown" ? 1 : -1) + choices.length) % choices.length);
    } else if (event.key === "Enter" && !list.hidden && active >= 0) {
      event.preventDefault();
      choose(active);
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      close();
    }
  });
  return { element: el("div.combo", {}, input, list), input };
}
