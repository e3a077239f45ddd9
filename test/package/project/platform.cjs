// Preloaded: makes the process look as if it ran on the system that PLATFORM names.
Object.defineProperty(process, 'platform', { value: process.env.PLATFORM })
