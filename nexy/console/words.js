// All that the page says, in English and in Russian.
const EN = {
  "skip": "Skip to the question field",
  "connecting": "Connecting …", "connected": "Connected", "offline": "Not connected",
  "sound": "Sound", "transcript": "Transcript", "keys": "Keys", "settings": "Settings",
  "conversation": "Conversation", "hero": "Ask, listen, interrupt.",
  "lead": "Nexy answers aloud, sentence by sentence, and stops the moment you do something else.",
  "example-1": "What is 17 times 3?", "example-2": "What time is it?", "example-3": "Tell me what you can do.",
  "hear-greeting": "Hear a greeting",
  "question": "Your question", "hint": "Enter sends. Escape stops Nexy.",
  "attach": "Picture", "capture": "Screen", "speak": "Speak", "stop": "Stop", "send": "Send",
  "you": "You", "nexy": "Nexy", "a-greeting": "A greeting", "greeting-sound": "(said aloud)",
  "not-heard": "Not heard:", "stopped": "Stopped.", "you-stopped": "You interrupted.", "broken-off": "The connection broke off.",
  "picture-sent": "The picture that was sent", "picture-ready": "{name}, {width} × {height}", "remove-picture": "Remove the picture",
  "picture-added": "The picture will be sent with your question.", "picture-wrong": "That is not a picture that can be sent.",
  "picture-only": "What is in this picture?", "screenshot": "screenshot", "pasted": "picture",
  "capture-failed": "The screen was not captured.",
  "listening": "Listening …", "nothing-heard": "Nothing was understood.", "no-microphone": "The microphone cannot be used.",
  "recognition-failed": "The browser could not recognise speech just now.",
  "lost": "The connection is lost. Trying again …", "resumed": "Connected again: the conversation goes on.",
  "anew": "Connected again: a new conversation.", "no-gateway": "This server has no WebSocket port open.",
  "token-wanted": "The server asks for a token.", "token-wrong": "The server did not take the token.",
  "busy": "Nexy is busy. Try again in {seconds}.", "failed": "That did not work.",
  "no-sound": "There is no sound. Answers are shown as text.",
  "no-sound-here": "Sound needs https, or this page on localhost. Answers are shown as text.",
  "times": "Times", "first-word": "First word", "first-sound": "First sound", "end": "End", "silence": "Interrupt to silence",
  "times-summary": "first sound after {sound}", "times-text": "first word after {word}", "times-silence": "silent after {silence}",
  "what": "What", "how-long": "After", "scale": "Scale: 1 ms to 100 s, logarithmic", "ms": "ms", "s": "s",
  "server": "Server", "sessions": "Sessions", "sessions-alt": "Sessions in the last two minutes: from {low} to {high}, now {now}.",
  "first-sound-p": "First sound within, last minute", "percentiles-alt": "99 of 100 answers began within {p99}, 95 within {p95}, half within {p50}.",
  "no-answers": "No answer in the last minute.", "p": "{n} %",
  "refused": "Refusals", "refused-none": "None since the start.", "refused-alt": "Refusals by limit: {all}.",
  "models": "Models", "voices": "Voices", "works": "works", "resting": "failed, rests", "trying": "failed, is tried again", "off": "switched off",
  "version": "Nexy {version}, up for {uptime}", "active": "{n} speaking",
  "status-forbidden": "These figures are for operators: they need an operator's token.", "status-away": "The server does not answer.",
  "language": "Language of this page and of speech recognition", "theme": "Appearance", "theme-auto": "As the system", "theme-light": "Light", "theme-dark": "Dark",
  "speed": "Speed of the voice", "read": "A screen reader is given the text of an answer", "read-silent": "When the sound is off",
  "read-after": "Also when Nexy has finished speaking", "space": "Hold the space bar to talk",
  "voice": "Voice of the greeting", "greet": "Hear it", "voice-help": "Empty: the usual one. Answers are said by the voice of their language.",
  "device": "Name of this device", "device-help": "Nexy remembers under this name.",
  "token": "Token", "token-help": "Only if the server asks for one. Kept until this tab is closed.", "done": "Done",
  "key-enter": "Enter", "key-enter-does": "Sends the question", "key-shift": "Shift Enter", "key-shift-does": "A new line",
  "key-escape": "Escape", "key-escape-does": "Stops Nexy; when it is silent, leaves the question field",
  "key-space": "Space, held", "key-space-does": "Talk; let go to send. Not while you are in a field or on a button",
  "key-paste": "Control or Command V", "key-paste-does": "Pastes a picture",
  "recognition": "Speech is recognised by your browser. Some browsers send the sound to their maker for that.",
};

const RU = {
  "skip": "К полю вопроса",
  "connecting": "Соединение …", "connected": "На связи", "offline": "Нет связи",
  "sound": "Звук", "transcript": "Протокол", "keys": "Клавиши", "settings": "Настройки",
  "conversation": "Разговор", "hero": "Спросите. Слушайте. Перебивайте.",
  "lead": "Nexy отвечает вслух, предложение за предложением, и умолкает, как только вы её перебьёте.",
  "example-1": "Сколько будет 17 умножить на 3?", "example-2": "Который час?", "example-3": "Расскажи, что ты умеешь.",
  "hear-greeting": "Услышать приветствие",
  "question": "Ваш вопрос", "hint": "Enter отправляет. Escape останавливает Nexy.",
  "attach": "Картинка", "capture": "Экран", "speak": "Говорить", "stop": "Стоп", "send": "Отправить",
  "you": "Вы", "nexy": "Nexy", "a-greeting": "Приветствие", "greeting-sound": "(звучит вслух)",
  "not-heard": "Не прозвучало:", "stopped": "Остановлено.", "you-stopped": "Вы перебили.", "broken-off": "Связь оборвалась.",
  "picture-sent": "Отправленная картинка", "picture-ready": "{name}, {width} × {height}", "remove-picture": "Убрать картинку",
  "picture-added": "Картинка уйдёт вместе с вопросом.", "picture-wrong": "Такую картинку отправить нельзя.",
  "picture-only": "Что на этой картинке?", "screenshot": "снимок экрана", "pasted": "картинка",
  "capture-failed": "Снять экран не удалось.",
  "listening": "Слушаю …", "nothing-heard": "Ничего не удалось разобрать.", "no-microphone": "Микрофон недоступен.",
  "recognition-failed": "Браузер сейчас не смог распознать речь.",
  "lost": "Связь потеряна. Пробую снова …", "resumed": "Связь восстановлена, разговор продолжается.",
  "anew": "Связь восстановлена, разговор начат заново.", "no-gateway": "На этом сервере порт WebSocket не открыт.",
  "token-wanted": "Серверу нужен токен.", "token-wrong": "Сервер не принял токен.",
  "busy": "Nexy занята. Попробуйте через {seconds}.", "failed": "Не получилось.",
  "no-sound": "Звука нет. Ответы показаны текстом.",
  "no-sound-here": "Для звука нужен https или страница на localhost. Ответы показаны текстом.",
  "times": "Время", "first-word": "Первое слово", "first-sound": "Первый звук", "end": "Конец", "silence": "От остановки до тишины",
  "times-summary": "первый звук через {sound}", "times-text": "первое слово через {word}", "times-silence": "тишина через {silence}",
  "what": "Что", "how-long": "Через", "scale": "Шкала от 1 мс до 100 с, логарифмическая", "ms": "мс", "s": "с",
  "server": "Сервер", "sessions": "Сеансы", "sessions-alt": "Сеансы за две минуты: от {low} до {high}, сейчас {now}.",
  "first-sound-p": "Первый звук, за минуту", "percentiles-alt": "99 из 100 ответов зазвучали за {p99}, 95 — за {p95}, половина — за {p50}.",
  "no-answers": "За минуту ответов не было.", "p": "{n} %",
  "refused": "Отказы", "refused-none": "Не было с самого запуска.", "refused-alt": "Отказы по ограничениям: {all}.",
  "models": "Модели", "voices": "Голоса", "works": "работает", "resting": "сбой, отдыхает", "trying": "сбой, новая проба", "off": "выключено",
  "version": "Nexy {version}, работает {uptime}", "active": "сейчас говорят: {n}",
  "status-forbidden": "Эти сведения для операторов: нужен токен оператора.", "status-away": "Сервер не отвечает.",
  "language": "Язык страницы и распознавания речи", "theme": "Оформление", "theme-auto": "Как в системе", "theme-light": "Светлое", "theme-dark": "Тёмное",
  "speed": "Скорость голоса", "read": "Программа экранного доступа получает текст ответа", "read-silent": "Когда звук выключен",
  "read-after": "И когда Nexy договорила", "space": "Говорить, удерживая пробел",
  "voice": "Голос приветствия", "greet": "Услышать", "voice-help": "Пусто — обычный. Ответы произносит голос их языка.",
  "device": "Имя этого устройства", "device-help": "Под этим именем Nexy помнит сказанное.",
  "token": "Токен", "token-help": "Только если его требует сервер. Хранится, пока открыта вкладка.", "done": "Готово",
  "key-enter": "Enter", "key-enter-does": "Отправляет вопрос", "key-shift": "Shift Enter", "key-shift-does": "Новая строка",
  "key-escape": "Escape", "key-escape-does": "Останавливает Nexy; если она молчит — выходит из поля вопроса",
  "key-space": "Удерживать пробел", "key-space-does": "Говорить; отпустите, чтобы отправить. Не в поле и не на кнопке",
  "key-paste": "Control или Command V", "key-paste-does": "Вставляет картинку",
  "recognition": "Речь распознаёт ваш браузер. Некоторые браузеры отправляют для этого звук своему производителю.",
};

const ALL = { en: EN, ru: RU };
let now = "en";

export const language = () => now;

/** The text called `name`, with what stands in {braces} filled in. */
export function t(name, values = {}) {
  const text = ALL[now][name] ?? EN[name] ?? name;
  return text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

/** Has the whole page in `name`: "en" or "ru". */
export function speak(name) {
  now = name in ALL ? name : "en";
  document.documentElement.lang = now;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
}
