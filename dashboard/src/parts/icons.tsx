/** Small drawings, by the name of what they stand for. */
const PATHS = {
  overview: "M3 12h4l2-6 4 12 3-8 2 2h3",
  traces: "M4 6h10M8 12h10M12 18h8",
  topology: "M12 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM6 21a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Zm12 0a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM11 8l-4 8m6-8 4 8",
  statements: "M12 8c4.4 0 8-1.1 8-2.5S16.400 3 12 3 4 4.100 4 5.500 7.600 8 12 8ZM4 5.500v13C4 19.900 7.600 21 12 21s8-1.100 8-2.500v-13M4 12c0 1.400 3.600 2.500 8 2.500s8-1.100 8-2.500",
  processes: "M7 7h10v10H7zM10 3v4m4-4v4m-4 10v4m4-4v4M3 10h4m-4 4h4m10-4h4m-4 4h4",
  leaks: "M12 3c3.500 4.500 6 7.600 6 11a6 6 0 0 1-12 0c0-3.400 2.500-6.500 6-11Z",
  agents: "M4 4h16v6H4zM4 14h16v6H4zM8 7h.010M8 17h.010",
  refresh: "M20 11a8 8 0 1 0-2.300 6.300M20 4v7h-7",
  close: "M6 6l12 12M18 6 6 18",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2v2m0 16v2M2 12h2m16 0h2M5 5l1.400 1.400m11.200 11.200L19 19M5 19l1.400-1.400M17.600 6.400 19 5",
  moon: "M20 14.500A8.500 8.500 0 1 1 9.500 4a7 7 0 0 0 10.500 10.500Z",
  screen: "M3 4h18v12H3zM8 20h8m-4-4v4",
  download: "M12 4v11m-5-5 5 5 5-5M4 20h16",
  zoomOut: "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13ZM15.300 15.300 20 20M7.500 10.500h6",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
