package br.com.posconnect.terminal

import android.content.Context
import android.content.Intent
import android.net.ConnectivityManager
import android.net.NetworkInfo
import android.net.Proxy
import android.net.ProxyInfo
import android.os.Build
import android.os.Vibrator
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowNetworkInfo

/** The hardware around the app, as Android tells of it. */
private val context: Context get() = RuntimeEnvironment.getApplication()

private val connectivity get() = context.getSystemService(Context.CONNECTIVITY_SERVICE) as ConnectivityManager

@Suppress("DEPRECATION")
fun Terminal.losesNetwork() = network(NetworkInfo.DetailedState.DISCONNECTED, connected = false)

@Suppress("DEPRECATION")
fun Terminal.findsNetwork() = network(NetworkInfo.DetailedState.CONNECTED, connected = true)

/** The acquirer's SIM: everything goes through a proxy. */
fun Terminal.hasProxy(
    host: String,
    port: Int,
) {
    if (Build.VERSION.SDK_INT >= 23) {
        shadowOf(connectivity).setProxyForNetwork(null, ProxyInfo.buildDirectProxy(host, port))
    } else {
        System.setProperty("https.proxyHost", host)
        System.setProperty("https.proxyPort", port.toString())
    }
    context.sendBroadcast(Intent(Proxy.PROXY_CHANGE_ACTION))
}

fun Terminal.hasNoProxy() {
    System.clearProperty("https.proxyHost")
    System.clearProperty("https.proxyPort")
}

fun Terminal.hasVibrated(): Boolean = shadowOf(context.getSystemService(Context.VIBRATOR_SERVICE) as Vibrator).isVibrating

@Suppress("DEPRECATION")
private fun network(
    state: NetworkInfo.DetailedState,
    connected: Boolean,
) {
    val info = ShadowNetworkInfo.newInstance(state, ConnectivityManager.TYPE_MOBILE, 0, true, connected)
    shadowOf(connectivity).setActiveNetworkInfo(if (connected) info else null)
    context.sendBroadcast(Intent(ConnectivityManager.CONNECTIVITY_ACTION))
}
