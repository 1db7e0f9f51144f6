/** How each kind of drill comes to know what it says, for somebody who must decide whether to believe it. */
export const methods: Readonly<Record<string, string>> = {
  'adversarial-probe':
    'Each probe was run in a clone of the container, made with the same limits and rights, never in the container itself. A probe counts as holding only when its control shows that the attempt could have worked.',
  segmentation:
    'Connections were made from each container’s own network to every address and port of every other. A closed way counts only where it was shown that there would have been an answer.',
  'secret-rotation':
    'Real clients tried the old and the new credential at every place where it is asked for, several times a second, before, during and after. The time to full refusal ends with the first refusal after the last success of the old one, for new logins, open sessions and derived tokens alike.',
  'reverse-uptime':
    'Containers over the limit of age were made again from their own definition, one after the other; what is new was compared with what was before. Their time to healthy is from the start of the new one to its first healthy answer.',
  'forensic-freeze':
    'Canaries were planted in memory, files and connections before the freeze, and looked for in the evidence afterwards. The time to freeze is from the order to the instant at which the last process stood still.',
  'crypto-anchor':
    'Copies of the data were opened without the anchor and with it: a copy that opens nowhere proves nothing. The anchor was used as an intruder would, on canary records.',
  lifecycle:
    'Each behaviour was provoked in a clone of the container (in the container itself where the drill says so), and watched from outside: its processes, its state and its health.',
  detection:
    'Each attempt carried a mark of its own; only an alert that repeats the mark counts. A harmless act was made as well, which must raise none.',
};
