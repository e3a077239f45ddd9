{
  'target_defaults': {
    'cflags': ['-Wall', '-Wextra', '-fvisibility=hidden'],
    'conditions': [
      # Compilers to come warn of more: that must not keep anybody from installing the package, which has no src.
      ['"<!(node -p "fs.existsSync(\'src\')")"=="true"', { 'cflags': ['-Werror'] }],
    ],
  },
  'targets': [
    {
      'target_name': 'netlink',
      'conditions': [
        ['OS!="linux"', { 'type': 'none' }, {
          'include_dirs': ['<!(node -p "require(\'node-addon-api\').include_dir")'],
          'defines': ['NAPI_VERSION=8', 'NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS', 'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS'],
          'sources': [
            'native/addon.cc',
            'native/any-socket.cc',
            'native/arguments.cc',
            'native/bpf.cc',
            'native/endpoint.cc',
            'native/environment.cc',
            'native/files.cc',
            'native/netns.cc',
            'native/place.cc',
            'native/socket.cc',
            'native/tun.cc',
            'native/value.cc',
            'native/watcher.cc',
            'native/workers.cc',
          ],
        }],
      ],
    },
    {
      'target_name': 'netlink-exec',
      'conditions': [
        ['OS!="linux"', { 'type': 'none' }, {
          'type': 'executable',
          'sources': ['native/netlink-exec.cc'],
        }],
      ],
    },
  ],
}
