// Search runs in a worker, which browsers do not start for pages that are opened as files: an iframe takes its place.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      const frame = document.createElement("iframe")
      frame.hidden = true
      document.body.append(frame)
      this.inner = frame.contentWindow
      this.inner.postMessage = data => this.dispatchEvent(new MessageEvent("message", { data }))
      this.waiting = []
      const script = this.inner.document.createElement("script")
      script.src = url
      script.onload = () => {
        for (const data of this.waiting) this.send(data)
        this.waiting = undefined
      }
      this.inner.document.body.append(script)
    }

    postMessage(data) {
      if (this.waiting) this.waiting.push(data)
      else this.send(data)
    }

    send(data) {
      this.inner.dispatchEvent(new this.inner.MessageEvent("message", { data }))
    }
  }
}
