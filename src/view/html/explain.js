// Keys: j and k go to the next and the previous part, o opens and closes what is folded.
(() => {
  "use strict";
  const parts = [...document.querySelectorAll("section")];
  const folds = [...document.querySelectorAll("details")];
  const go = (step) => {
    const at = parts.indexOf(document.activeElement.closest("section"));
    const next = parts[Math.min(parts.length - 1, Math.max(0, at + (at < 0 && step < 0 ? 0 : step)))];
    if (next) {
      next.focus();
      next.scrollIntoView({ block: "nearest" });
    }
  };
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "j") go(1);
    else if (e.key === "k") go(-1);
    else if (e.key === "o") {
      const open = folds.some((d) => !d.open);
      folds.forEach((d) => { d.open = open; });
    }
  });
  document.body.dataset.ready = "yes";
})();
