import type { Window } from './drill.ts';

/** Whether the instant (UTC ms) lies in the window, by the wall clock of its zone: on a daylight-saving night as the clock there shows. */
export function inWindow(window: Window, at: number): boolean {
  const { day, minute } = wallClock(at, window.timezone);
  if (window.from < window.to) return window.days.includes(day) && minute >= window.from && minute < window.to;
  // it wraps midnight: the hours after midnight belong to the day it began on
  const yesterday = day === 1 ? 7 : day - 1;
  return (window.days.includes(day) && minute >= window.from) || (window.days.includes(yesterday) && minute < window.to);
}

/** `mon, tue from 09:00 to 17:00 Europe/Amsterdam` */
export function windowSentence({ days, from, to, timezone }: Window): string {
  return `${days.length === 7 ? 'every day' : days.map((day) => dayNames[day - 1]).join(', ')} from ${clockTime(from)} to ${clockTime(to)} ${timezone}`;
}

const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const longNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

function clockTime(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

function wallClock(at: number, timezone: string): { readonly day: number; readonly minute: number } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const value = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? '';
  return { day: longNames.indexOf(value('weekday')) + 1, minute: Number(value('hour')) * 60 + Number(value('minute')) };
}
