// The keyboard: j and k go through the stream, Enter opens, / searches, Esc goes back. While one types they are letters.

const isTyping = (element) => element.closest?.("input, select, textarea, [contenteditable]");

/** @param {{list, bar, go: (view: string) => void, hasPanel: () => boolean}} parts */
export function listenToKeys({ list, bar, go, hasPanel }) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") {
      const menu = document.querySelector(".settings[open]");
      if (menu) menu.open = false;
      else if (document.activeElement?.id === "words") bar.clearWords();
      else if (hasPanel()) {
        go("stream");
        list.focusSelected();
      }
      return;
    }
    if (isTyping(event.target)) return;
    // By the key's place too: on a Khmer keyboard j and k are other letters.
    const key = ["KeyJ", "KeyK", "Slash"].includes(event.code) && !/^[a-z/]$/.test(event.key) ? { KeyJ: "j", KeyK: "k", Slash: "/" }[event.code] : event.key;
    if (key === "j" || key === "k") {
      event.preventDefault();
      list.step(key === "j" ? 1 : -1);
    } else if (key === "/") {
      event.preventDefault();
      bar.focusWords();
    } else if (key === "Enter" && list.selected && event.target === document.body) {
      go(list.selected);
    }
  });
}
