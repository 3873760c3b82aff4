/** Rows as people read them: a column for each member, as wide as what is in it. */
export function printTable(rows: readonly Readonly<Record<string, string>>[]): void {
  if (rows.length === 0) {
    console.log('none');
    return;
  }
  const columns = Object.keys(rows[0]!);
  const widths = columns.map((name) => Math.max(name.length, ...rows.map((row) => row[name]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  console.log([line(columns), ...rows.map((row) => line(columns.map((name) => row[name]!)))].join('\n'));
}
