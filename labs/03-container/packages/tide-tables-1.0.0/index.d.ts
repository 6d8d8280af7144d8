/** The next high water: when, and how high above the chart. */
export declare function highWater(): { time: string; metres: number }
