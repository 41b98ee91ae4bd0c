// A notification and a sound for Immediate alerts, off until the reader switches them on. The notification says that there is one,
// of which kind and where: the system keeps notifications, so nothing of an alert's words is in it.
import { choices, t, word } from "./strings.js";

export const wants = (name) => choices.get(name, "off") === "on";

let audio = null;

/** A switch was moved: by the reader's own hand, without which browsers neither ask nor sound.
 * @returns {Promise<boolean>} whether it is on now */
export async function want(name, isOn) {
  if (isOn && name === "notify" && (!("Notification" in window) || (await Notification.requestPermission()) !== "granted")) isOn = false;
  if (isOn && name === "sound") {
    audio ??= new AudioContext();
    audio.resume();
    tone();
  }
  choices.set(name, isOn ? "on" : "off");
  return isOn;
}

/** Two short notes. */
function tone() {
  audio ??= new AudioContext();
  [880, 660].forEach((pitch, at) => {
    const start = audio.currentTime + at * 0.18;
    const wave = new OscillatorNode(audio, { frequency: pitch });
    const gain = new GainNode(audio, { gain: 0.12 });
    gain.gain.setTargetAtTime(0, start + 0.12, 0.03);
    wave.connect(gain).connect(audio.destination);
    wave.start(start);
    wave.stop(start + 0.3);
  });
}

export const isUrgent = (message) => message.alert?.urgency === "Immediate" && ["Alert", "Update"].includes(message.alert.msgType) && message.verified !== false;

/** For alerts that have just come, however many: one notification, one sound. */
export function announce(messages, places) {
  const urgent = messages.filter(isUrgent);
  if (!urgent.length) return;
  const { alert } = urgent[urgent.length - 1];
  const drill = alert.status === "Actual" ? "" : `${t(`both.${alert.status}`)} · `;
  if (wants("notify") && "Notification" in window && Notification.permission === "granted") {
    const body = [word("kind", alert.kind), ...alert.provinces.map((code) => places.nameOfCode(code).text)].join(" · ");
    new Notification(drill + t("notice.title"), { body, tag: "borderwire", lang: document.documentElement.lang });
  }
  if (wants("sound")) tone();
}
