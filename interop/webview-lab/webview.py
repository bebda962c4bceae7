#!/usr/bin/python3
"""A WebKitGTK webview, embedded as Wails embeds it, that a test drives.

    webview.py [--scheme wails=FOLDER] [--size 900x700] [--acceleration never] URL

Serves FOLDER under the custom scheme, so that the page's origin is the one that an app's page has. WebKit's acceleration
is "never" by default in Wails' windows, "always" in GTK's and Tauri's. Reads requests from its input, a line each: NUMBER, a
space, and the body of an async JavaScript function as a JSON string; or {"visible": false} to hide the window, and true to
show it again. Answers each with a line "REPLY NUMBER JSON" or "FAILED NUMBER MESSAGE". What the page posts to
webkit.messageHandlers.lab comes as "SAYS TEXT": a script that is put in counts as a user's gesture, this does not. Ends with
its input. Debian: gir1.2-webkit2-4.1 python3-gi.
"""
import argparse
import json
import mimetypes
import os
import sys

import gi

gi.require_version('Gtk', '3.0')
gi.require_version('WebKit2', '4.1')
from gi.repository import Gio, GLib, Gtk, WebKit2

arguments = argparse.ArgumentParser()
arguments.add_argument('--scheme', help='NAME=FOLDER')
arguments.add_argument('--size', default='900x700')
arguments.add_argument('--acceleration', choices=('always', 'never'), default='always')
arguments.add_argument('url')
options = arguments.parse_args()
mimetypes.add_type('text/javascript', '.js')
mimetypes.add_type('text/javascript', '.mjs')

context = WebKit2.WebContext.new_ephemeral()
settings = WebKit2.Settings()
settings.set_property('enable-write-console-messages-to-stdout', True)
if options.acceleration == 'never':
    settings.set_hardware_acceleration_policy(WebKit2.HardwareAccelerationPolicy.NEVER)


def serve(request):
    path = os.path.join(folder, request.get_path().lstrip('/') or 'index.html')
    if not os.path.isfile(path):
        request.finish_error(GLib.Error('no such file: ' + path))
        return
    with open(path, 'rb') as file:
        body = file.read()
    stream = Gio.MemoryInputStream.new_from_bytes(GLib.Bytes.new(body))
    request.finish(stream, len(body), mimetypes.guess_type(path)[0] or 'text/html')


if options.scheme:
    name, folder = options.scheme.split('=', 1)
    context.register_uri_scheme(name, serve)

messages = WebKit2.UserContentManager()
view = WebKit2.WebView(web_context=context, settings=settings, user_content_manager=messages)


def say(*words):
    print(*words, flush=True)


def evaluate(line):
    number, request = line.split(' ', 1)
    script = json.loads(request)
    if isinstance(script, dict):
        window.show() if script['visible'] else window.hide()
        say('REPLY', number, 'null')
        return

    def finished(source, result):
        try:
            say('REPLY', number, source.call_async_javascript_function_finish(result).to_json(0) or 'null')
        except GLib.Error as error:
            say('FAILED', number, error.message.replace('\n', ' '))

    view.call_async_javascript_function(script, -1, None, None, None, None, finished)


def readable(channel, condition):
    status, line, _, _ = channel.read_line()
    if status == GLib.IOStatus.NORMAL:
        evaluate(line.rstrip('\n'))
        return True
    Gtk.main_quit()
    return False


def load_changed(_, event):
    if event == WebKit2.LoadEvent.FINISHED:
        say('LOADED', view.get_uri())


messages.connect('script-message-received::lab', lambda _, result: say('SAYS', result.get_js_value().to_string()))
messages.register_script_message_handler('lab')
view.connect('web-process-terminated', lambda *_: (say('WEB PROCESS TERMINATED'), Gtk.main_quit()))
view.connect('load-failed', lambda v, e, uri, error: say('LOAD FAILED', uri, error.message))
view.connect('load-changed', load_changed)
window = Gtk.Window()
width, height = map(int, options.size.split('x'))
window.set_default_size(width, height)
window.add(view)
window.show_all()
window.move(0, 0)
stdin = GLib.IOChannel.unix_new(sys.stdin.fileno())
GLib.io_add_watch(stdin, GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP, readable)
view.load_uri(options.url)
Gtk.main()
