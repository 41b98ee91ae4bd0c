internal import HTTP
internal import Platform

/// The page's files: those of one directory and of the directories in it, read anew each time, none larger than ``largest``.
struct PageFiles: Sendable {
    /// Bytes of one file: the page has a tenth of it in all.
    static let largest = 1 << 20

    let directory: String

    /// Whether there is a page at all.
    var isThere: Bool { (try? Files.facts(of: Files.path("index.html", from: directory)))??.kind == .regular }

    /// - name: as in `/page/NAME`.
    func answer(_ name: String) -> HTTPResponse {
        guard PageFiles.isName(name), let type = PageFiles.type(of: name),
            let bytes = try? Files.read(Files.path(name, from: directory), limit: PageFiles.largest)
        else { return HTTPResponse(404, "there is no such file") }
        return HTTPResponse(200, type: type, bytes)
    }

    /// Names of ours: letters, digits, `-`, `_` and `.`, with directories, and nothing that leads out of the directory or is hidden.
    private static func isName(_ name: String) -> Bool {
        guard name.utf8.count <= 200 else { return false }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return parts.allSatisfy { part in
            !part.isEmpty && !part.hasPrefix(".")
                && part.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                        UInt8(ascii: "."):
                        true
                    default: false
                    }
                }
        }
    }

    private static func type(of name: String) -> String? {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "json": "application/json"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "woff2": "font/woff2"
        default: nil
        }
    }
}

/// What a browser without a session gets: how to get one, in both languages. No script, and nothing of what was asked.
enum Refusal {
    static func page(_ status: Int) -> HTTPResponse {
        let text = """
            <!doctype html>
            <html lang="km"><head><meta charset="utf-8"><title>Borderwire</title></head><body>
            <p lang="km">ទំព័រនេះមិនទាន់បើកសម្រាប់អ្នកទេ។ សូមវាយពាក្យបញ្ជានេះក្នុងម៉ាស៊ីននេះ៖</p>
            <p lang="en">This page is not open for you: it never was, or its time is over. Type this on this machine:</p>
            <pre>borderwire-console open</pre>
            </body></html>

            """
        return HTTPResponse(status, type: "text/html; charset=utf-8", Array(text.utf8))
    }
}
