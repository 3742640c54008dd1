// Some of the libraries count on Node 22; Node 20 lacks this one thing of it.
Promise.withResolvers ??= function withResolvers () {
  const made = {}
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }))
  return made
}
