/** Cron as people say it, for the forms that schedules commonly have; any other stays as it is written. */

/** `Monday to Friday at 03:00`; null for what has no short wording. Without the zone. */
export function scheduleWords(cron: string): string | null {
  const [minute = '', hour = '', day = '', month = '', weekday = '', ...more] = cron.trim().split(/\s+/);
  if (more.length > 0 || month !== '*') return null;
  const every = everyWords(minute, hour);
  if (every !== null) return day === '*' && weekday === '*' ? every : null;
  if (!/^\d{1,2}$/.test(minute) || !/^\d{1,2}(,\d{1,2})*$/.test(hour)) return null;
  const times = hour.split(',').map((one) => `${one.padStart(2, '0')}:${minute.padStart(2, '0')}`);
  const days = daysWords(day, weekday);
  return days === null ? null : `${days} at ${listed(times)}`;
}

function everyWords(minute: string, hour: string): string | null {
  const step = /^\*\/(\d+)$/.exec(minute)?.[1];
  if (minute === '*' && hour === '*') return 'every minute';
  if (step !== undefined && hour === '*') return 60 % Number(step) === 0 ? `every ${step} minutes` : null;
  if (!/^\d{1,2}$/.test(minute)) return null;
  if (hour === '*') return Number(minute) === 0 ? 'every hour' : `every hour at ${minute} past`;
  const hours = /^\*\/(\d+)$/.exec(hour)?.[1];
  if (hours === undefined || 24 % Number(hours) !== 0) return null;
  return `every ${hours} hours${Number(minute) === 0 ? '' : ` at ${minute} past`}`;
}

function daysWords(day: string, weekday: string): string | null {
  if (day === '*' && weekday === '*') return 'every day';
  if (day === '*') return weekdayWords(weekday);
  return weekday === '*' && /^\d{1,2}$/.test(day) ? `on day ${day} of the month` : null;
}

const names = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function weekdayWords(field: string): string | null {
  const range = /^(\w+)-(\w+)$/.exec(field);
  if (range !== null) {
    const [from, to] = [nameOf(range[1]), nameOf(range[2])];
    return from === null || to === null ? null : `${from} to ${to}`;
  }
  const found = field.split(',').map(nameOf);
  return found.includes(null) ? null : listed(found as string[]);
}

function nameOf(text = ''): string | null {
  if (/^[0-7]$/.test(text)) return names[Number(text) % 7] ?? null;
  return /^[a-z]{3}$/i.test(text) ? (names.find((name) => name.toLowerCase().startsWith(text.toLowerCase())) ?? null) : null;
}

function listed(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
}
