package br.com.posconnect.service

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.net.ConnectivityManager
import android.net.Network
import android.net.NetworkCapabilities
import android.net.NetworkRequest
import android.net.Proxy
import android.net.ProxyInfo
import android.os.Handler
import android.os.PowerManager
import android.util.Log
import br.com.posconnect.core.NetworkState
import br.com.posconnect.core.ProxyAddress

/**
 * Tells of the device's network and of the system's HTTP proxy, through which everything goes on the acquirer's SIM.
 *
 * Told when something changes, and again when the device wakes up: in Doze an app has no network, and the core should try
 * again at once instead of when its pause is over. With a proxy script (PAC) the system runs a small proxy of its own on
 * the device and tells us its address; until that runs, there is none to tell.
 *
 * Everything happens on [handler]'s thread, except [now], which any thread may call.
 */
class NetworkWatch(
    private val context: Context,
    private val handler: Handler,
    private val serviceHost: () -> String?,
    private val report: (NetworkState) -> Unit,
) {
    private val connectivity = context.getSystemService(Context.CONNECTIVITY_SERVICE) as ConnectivityManager
    private var told: NetworkState? = null

    private val receiver =
        object : BroadcastReceiver() {
            override fun onReceive(
                context: Context,
                intent: Intent,
            ) {
                // Both mean: perhaps awake again.
                val wakes = intent.action == Intent.ACTION_SCREEN_ON || intent.action == PowerManager.ACTION_DEVICE_IDLE_MODE_CHANGED
                look(again = wakes)
            }
        }

    private val callback =
        object : ConnectivityManager.NetworkCallback() {
            override fun onAvailable(network: Network) = lookSoon()

            override fun onLost(network: Network) = lookSoon()
        }

    // The broadcast tells of the network in use, which callbacks do only from Android 7 on.
    @Suppress("DEPRECATION")
    fun start() {
        val filter = IntentFilter(ConnectivityManager.CONNECTIVITY_ACTION)
        filter.addAction(Proxy.PROXY_CHANGE_ACTION)
        filter.addAction(Intent.ACTION_SCREEN_ON)
        filter.addAction(PowerManager.ACTION_DEVICE_IDLE_MODE_CHANGED)
        context.registerReceiver(receiver, filter, null, handler)
        val request = NetworkRequest.Builder().addCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET).build()
        connectivity.registerNetworkCallback(request, callback)
    }

    fun stop() {
        context.unregisterReceiver(receiver)
        connectivity.unregisterNetworkCallback(callback)
    }

    /** Tells how things are, changed or not: a core that has just opened, or did not take it the last time. */
    fun tellAgain() {
        handler.post { look(again = true) }
    }

    /** How things are. */
    fun now(): NetworkState = NetworkState(connectivity.activeNetworkInfo?.isConnected == true, proxy())

    private fun lookSoon() {
        handler.post { look(again = false) }
    }

    private fun look(again: Boolean) {
        val state = now()
        if (state == told && !again) return
        told = state
        Log.i(TAG, "network: connected ${state.connected}, proxy ${if (state.proxy == null) "no" else "yes"}")
        report(state)
    }

    private fun proxy(): ProxyAddress? {
        val given = NewerAndroid.defaultProxy(connectivity)
        return if (given != null) ofInfo(given) else ofProperties()
    }

    private fun ofInfo(info: ProxyInfo): ProxyAddress? {
        if (isExcluded(info.exclusionList.orEmpty().toList())) return null
        return address(info.host, info.port)
    }

    /** Before Android 6; the system keeps them up to date in every process. */
    private fun ofProperties(): ProxyAddress? {
        if (isExcluded(System.getProperty("http.nonProxyHosts").orEmpty().split('|'))) return null
        return address(System.getProperty("https.proxyHost"), System.getProperty("https.proxyPort")?.toIntOrNull() ?: 0)
    }

    private fun address(
        host: String?,
        port: Int,
    ): ProxyAddress? {
        if (host.isNullOrBlank()) return null
        if (port in 1..PORT_MAX && host.all { it.isLetterOrDigit() || it in ".-_:[]" }) return ProxyAddress(host, port)
        Log.w(TAG, "the system's proxy cannot be one, or does not run yet: port $port")
        return null
    }

    /** The system's own list of hosts that are reached without the proxy: `shop.local`, `.shop.local`, `*.shop.local`. */
    private fun isExcluded(hosts: List<String>): Boolean {
        val service = serviceHost() ?: return false
        return hosts.any { entry ->
            val host = entry.trim().removePrefix("*").removePrefix(".")
            host.isNotEmpty() && (service.equals(host, ignoreCase = true) || service.endsWith(".$host", ignoreCase = true))
        }
    }

    private companion object {
        const val TAG = "posconnect.service"
        const val PORT_MAX = 65_535
    }
}
