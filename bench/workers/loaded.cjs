// With --require: tells at the end which files the process has loaded, and which shared objects.
process.on('exit', () => {
  const files = Object.keys(require.cache).filter((file) => file !== __filename)
  process.stdout.write(JSON.stringify([...files, ...process.report.getReport().sharedObjects]))
})
